import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface LineFile {
  /** Resolves when the line is on disk. Concurrent lines share one sync. */
  append(line: string): Promise<void>;
  /** Waits until all appended lines are written, then closes the file. */
  close(): Promise<void>;
}

interface Waiting {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * An append-only file of lines.
 *
 * @param path if the file or its folder does not exist, it is created.
 * @param onLine called with every complete line and its number, in the file's order. An incomplete last line
 *   was never acknowledged, so it is removed from the file.
 */
export async function openLineFile(
  path: string,
  onLine: (line: string, number: number) => void,
): Promise<LineFile> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'a+');
  try {
    const end = await readLines(file, onLine);
    await file.truncate(end);
    return appendTo(file, end);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** @returns the offset after the last complete line. */
async function readLines(file: FileHandle, onLine: (line: string, number: number) => void): Promise<number> {
  let end = 0;
  let number = 0;
  let rest: Buffer[] = []; // the beginning of a line that continues in the next chunk
  for await (const chunk of file.createReadStream({
    start: 0,
    autoClose: false,
    highWaterMark: 1024 * 1024,
  }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...rest, chunk.subarray(from, at)]);
      onLine(line.toString('utf8'), (number += 1));
      end += line.length + 1;
      from = at + 1;
      rest = [];
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  return end;
}

function appendTo(file: FileHandle, start: number): LineFile {
  let end = start;
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        end += await writeDurably(file, batch.map(({ line }) => `${line}\n`).join(''), end);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    writing = undefined;
  };
  return {
    append: (line) =>
      new Promise((resolve, reject) => {
        waiting.push({ line, resolve, reject });
        writing ??= writeAll();
      }),
    close: async () => {
      await writing;
      await file.close();
    },
  };
}

/**
 * After a failure, truncates the file to `end`, because an incomplete line would corrupt the next line.
 * @returns the number of written bytes.
 */
async function writeDurably(file: FileHandle, text: string, end: number): Promise<number> {
  try {
    await file.appendFile(text);
    await file.datasync();
    return Buffer.byteLength(text);
  } catch (error) {
    await file.truncate(end).catch(() => {}); // the first error is thrown instead
    throw error;
  }
}
