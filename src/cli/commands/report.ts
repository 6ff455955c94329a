import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, link, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { formatNumber } from '../../text/format-number';
import { printable } from '../../text/printable';
import { apiPath, createGatewayClient, type GatewayOptions } from '../client/gateway-client';
import { type Streams, writeLines } from '../output/streams';
import { WrongUsage } from '../wrong-usage';

export interface ReportOptions extends GatewayOptions {
  readonly csv?: true | undefined;
  readonly json?: true | undefined;
  readonly out?: string | undefined;
  readonly force?: true | undefined;
  readonly revision?: string | undefined;
  readonly attempt?: number | undefined;
}

/**
 * `requeue report ISSUE`: the report's bytes on standard output, or in a file that is there only when it is whole.
 * @throws {WrongUsage} for `--csv --json`. @throws an Error with one sentence.
 */
export async function report(
  issueId: string,
  options: ReportOptions,
  streams: Streams = process,
): Promise<void> {
  const { csv, json, out, force, attempt } = options;
  const revision = options.revision?.slice(0, 12); // a report is named by these, a decision by the whole too
  if (csv && json) throw new WrongUsage('Give --csv or --json, one of them.');
  if (out !== undefined && !force) await checkFree(out);
  const client = await createGatewayClient(options);
  const bytes = await client.stream(
    apiPath(['exports', issueId, `report.${csv ? 'csv' : 'json'}`], { revision, attempt }),
  );
  if (out === undefined) return toOutput(bytes, streams);
  await toFile(bytes, out, force === true);
  writeLines(streams.stderr, [`Wrote ${out}, ${formatNumber((await stat(out)).size)} bytes.`]);
}

/** As it is for a program; on a terminal nothing in it is obeyed. */
async function toOutput(bytes: Readable, { stdout }: Streams): Promise<void> {
  await pipeline(stdout.isTTY ? Readable.from(shown(bytes)) : bytes, stdout, { end: false }).catch(
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw brokeOff(error); // else who reads has enough, as `head`
    },
  );
}

async function* shown(bytes: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of bytes) yield linesShown(decoder.decode(chunk as Uint8Array, { stream: true }));
  yield linesShown(decoder.decode());
}

function linesShown(text: string): string {
  return text
    .split(/(\r\n|[\n\t])/)
    .map((part, at) => (at % 2 === 1 ? part : printable(part)))
    .join('');
}

async function checkFree(out: string): Promise<void> {
  const isThere = await access(out).then(
    () => true,
    () => false,
  );
  if (isThere) throw thereAlready(out);
}

async function toFile(bytes: Readable, out: string, force: boolean): Promise<void> {
  const temp = join(dirname(out), `.requeue-report-${randomBytes(6).toString('hex')}.part`);
  try {
    await pipeline(bytes, createWriteStream(temp, { flags: 'wx' }));
    await (force ? rename(temp, out) : place(temp, out));
  } catch (error) {
    throw fileError(error, out);
  } finally {
    await unlink(temp).catch(() => undefined); // renamed, or not whole
  }
}

/** A link is made only where nothing is: a file that came meanwhile stays. Some file systems have no links. */
async function place(temp: string, out: string): Promise<void> {
  try {
    await link(temp, out);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw thereAlready(out);
    await checkFree(out);
    await rename(temp, out);
  }
}

function thereAlready(out: string): Error {
  return new Error(`${out} is there already: give another --out, or --force to replace it.`);
}

function fileError(error: unknown, out: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const isOfFile = /^(open|write|close|link|rename)$/.test(syscall ?? '');
  return isOfFile ? new Error(`${out} cannot be written (${code}).`) : brokeOff(error);
}

function brokeOff(error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  return new Error(`The report broke off before its end (${code ?? message}); ask for it again.`);
}
