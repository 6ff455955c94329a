import { defined } from '../../collections/defined';
import { shortRevision } from '../../domain/revision';
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
  /** CSV with a byte order mark. */
  readonly excel?: true | undefined;
  readonly json?: true | undefined;
  readonly out?: string | undefined;
  readonly force?: true | undefined;
  readonly revision?: string | undefined;
  readonly attempt?: number | undefined;
}

/**
 * `requeue report ISSUE`: writes the report's bytes to standard output, or to a file that appears only when
 * it is complete.
 *
 * @throws {WrongUsage} for `--json` with `--csv` or `--excel`.
 * @throws {Error} with one sentence for every other failure.
 */
export async function report(
  issueId: string,
  options: ReportOptions,
  streams: Streams = process,
): Promise<void> {
  const { excel, json, out, force, attempt } = options;
  const csv = options.csv ?? excel;
  const revision = options.revision === undefined ? undefined : shortRevision(options.revision);
  if (csv && json) throw new WrongUsage(`Pass either ${excel ? '--excel' : '--csv'} or --json, not both.`);
  if (out !== undefined && !force) await checkFree(out);
  const client = await createGatewayClient(options);
  const bytes = await client.stream(
    apiPath(['exports', issueId, `report.${csv ? 'csv' : 'json'}`], {
      revision,
      attempt,
      ...defined({ excel: excel && 'true' }),
    }),
  );
  if (out === undefined) return writeToOutput(bytes, streams);
  await writeToFile(bytes, out, force === true);
  writeLines(streams.stderr, [`Wrote ${out}, ${formatNumber((await stat(out)).size)} bytes.`]);
}

/** Escapes the bytes only on a terminal, because untrusted text in them could control it. */
async function writeToOutput(bytes: Readable, { stdout }: Streams): Promise<void> {
  await pipeline(stdout.isTTY ? Readable.from(printableChunks(bytes)) : bytes, stdout, { end: false }).catch(
    (error: unknown) => {
      // EPIPE: a reader such as `head` has closed the pipe early, which is no failure
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw endedEarly(error);
    },
  );
}

async function* printableChunks(bytes: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of bytes)
    yield printableLines(decoder.decode(chunk as Uint8Array, { stream: true }));
  yield printableLines(decoder.decode());
}

function printableLines(text: string): string {
  return text
    .split(/(\r\n|[\n\t])/)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('');
}

async function checkFree(out: string): Promise<void> {
  const exists = await access(out).then(
    () => true,
    () => false,
  );
  if (exists) throw alreadyExists(out);
}

async function writeToFile(bytes: Readable, out: string, force: boolean): Promise<void> {
  const temp = join(dirname(out), `.requeue-report-${randomBytes(6).toString('hex')}.part`);
  try {
    await pipeline(bytes, createWriteStream(temp, { flags: 'wx' }));
    await (force ? rename(temp, out) : moveToFreeName(temp, out));
  } catch (error) {
    throw fileError(error, out);
  } finally {
    await unlink(temp).catch(() => undefined); // an incomplete file; after a rename it is already gone
  }
}

/**
 * Uses link(), which fails when the name exists, so that a file created in the meantime is not replaced.
 * Falls back to rename() where links are not supported.
 */
async function moveToFreeName(temp: string, out: string): Promise<void> {
  try {
    await link(temp, out);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyExists(out);
    await checkFree(out);
    await rename(temp, out);
  }
}

function alreadyExists(out: string): Error {
  return new Error(`${out} already exists: pass another --out, or --force to replace it.`);
}

function fileError(error: unknown, out: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const isFileError = /^(open|write|close|link|rename)$/.test(syscall ?? '');
  return isFileError ? new Error(`${out} cannot be written (${code}).`) : endedEarly(error);
}

function endedEarly(error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  return new Error(`The report ended early (${code ?? message}): run the command again.`);
}
