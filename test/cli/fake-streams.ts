import { PassThrough } from 'node:stream';
import type { Output, Streams } from '../../src/cli/output/streams';

export interface FakeStreams extends Streams {
  /** Everything written so far. */
  out(): string;
  err(): string;
}

/** A terminal with `columns` columns on which a person types `typed`, then ends the input. */
export function fakeTerminal({
  columns = 160,
  typed,
}: { columns?: number; typed?: string } = {}): FakeStreams {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  stdin.end(typed);
  return streams(stdin, columns);
}

/** Pipes for input and output. */
export function fakePipes(): FakeStreams {
  return streams(new PassThrough(), undefined);
}

function streams(stdin: Streams['stdin'], columns: number | undefined): FakeStreams {
  const [stdout, out] = output(columns);
  const [stderr, err] = output(columns);
  return { stdin, stdout, stderr, out, err };
}

function output(columns: number | undefined): [Output, () => string] {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const text = () => Buffer.concat(chunks).toString('utf8');
  return [columns === undefined ? stream : Object.assign(stream, { isTTY: true, columns }), text];
}
