import { constants, createReadStream } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { issueIdRange, type ValueRange } from '../../export-body/issue-id-range';

/** A file as the body of a delivery. Each delivery streams the file again, so that memory use stays small. */
export interface SendBody {
  readonly bytes: number;
  stream(): Readable;
}

/**
 * @param issue the issue id to send instead of the one in the file.
 * @throws {Error} with one sentence when the file cannot be sent.
 */
export async function createSendBody(file: string, issue: string | undefined): Promise<SendBody> {
  const size = await fileSize(file);
  if (issue === undefined) return { bytes: size, stream: () => createReadStream(file) };
  const range = await findIssueId(file);
  const id = Buffer.from(JSON.stringify(issue));
  return {
    bytes: size - (range.end - range.start) + id.length,
    stream: () => Readable.from(bytesWithId(file, range, id), { objectMode: false }),
  };
}

async function fileSize(file: string): Promise<number> {
  const unreadable = (error: NodeJS.ErrnoException): never => {
    throw new Error(`${file} cannot be read (${error.code}).`);
  };
  const found = await stat(file).catch(unreadable);
  if (!found.isFile())
    throw new Error(
      `${file} is ${found.isDirectory() ? 'a folder' : 'not a regular file'}: expected an issue-exported body.`,
    );
  await access(file, constants.R_OK).catch(unreadable);
  return found.size;
}

async function findIssueId(file: string): Promise<ValueRange> {
  const range = await issueIdRange(createReadStream(file)).catch((error: Error & { code?: string }) => {
    if (error.name !== 'BodyError') throw new Error(`${file} cannot be read (${error.code}).`);
    throw new Error(`--issue needs a JSON file; ${file} is not JSON: ${error.message}.`);
  });
  if (!range) throw new Error(`--issue needs a file with an issue.id; ${file} has none.`);
  return range;
}

async function* bytesWithId(file: string, { start, end }: ValueRange, id: Buffer): AsyncGenerator<Buffer> {
  yield* createReadStream(file, { end: start - 1 }) as AsyncIterable<Buffer>;
  yield id;
  yield* createReadStream(file, { start: end }) as AsyncIterable<Buffer>;
}
