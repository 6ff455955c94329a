import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, type FileHandle, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createDurableFolders, type DurableFolders } from './durable-folders';
import { deliveriesFolder, inboxFolder } from '../keys';
import { type ByteRange, PayloadNotFound, type PayloadStore, type StagedPayload } from '../payload-store';
import { createStagedFile } from './staged-file';
import { syncFolder } from './sync-folder';
import { tempFolder, tempName } from './temp-name';

/** Bytes read at once: large enough that system calls do not count, small enough that a hundred readers fit into memory. */
const readBytesAtOnce = 256 * 1024;

/**
 * The payload store in a folder: an object is a file, `/` in its key a folder. Every process with the same folder, on one host or
 * on a shared file system with POSIX rename, sees the same objects.
 *
 * @param folder absolute path; made when it is not there.
 */
export function createFolderStore({ folder }: { folder: string }): PayloadStore {
  const folders = createDurableFolders(folder);
  const pathOf = (key: string): string => join(folder, safeKey(key));
  const stageHere = (): Promise<StagedPayload> => stage(folders, tempFolder(folder), pathOf);
  return {
    stage: stageHere,
    read: (key, range) => read(folder, key, pathOf(key), range),
    size: (key) => size(folder, key, pathOf(key)),
    replace: (key, bytes) => replace(pathOf(key), bytes),
    list: (prefix) => list(pathOf(prefix)),
    remove: (key) => remove(pathOf(key)),
    check: () => check(folders, folder),
  };
}

async function stage(
  folders: DurableFolders,
  tempFolder: string,
  pathOf: (key: string) => string,
): Promise<StagedPayload> {
  const path = join(tempFolder, tempName(randomBytes(8).toString('hex')));
  const file = await folders.inside(tempFolder, () => open(path, 'wx'));
  return createStagedFile({ file, path, moveTo: (key) => move(folders, path, pathOf(key)) });
}

async function move(folders: DurableFolders, from: string, to: string): Promise<void> {
  await folders.inside(dirname(to), () => rename(from, to));
  await syncFolder(dirname(to));
}

async function* read(
  folder: string,
  key: string,
  path: string,
  range?: ByteRange,
): AsyncGenerator<Uint8Array> {
  const file = await found(folder, key, open(path, 'r'));
  try {
    const end = range?.end ?? (await file.stat()).size;
    let position = range?.start ?? 0;
    while (position < end) {
      // A new buffer each time: the consumer may keep the one before.
      const { buffer, bytesRead } = await file.read(
        Buffer.allocUnsafe(Math.min(readBytesAtOnce, end - position)),
        { position },
      );
      if (bytesRead === 0) return;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function size(folder: string, key: string, path: string): Promise<number> {
  return (await found(folder, key, stat(path))).size;
}

async function replace(path: string, bytes: Uint8Array): Promise<boolean> {
  const file = await unlessMissing(open(path, 'r+')); // r+ never creates: an entry removed meanwhile stays removed
  if (!file) return false;
  try {
    await writeAllAt(file, bytes);
    await file.truncate(bytes.length);
    await file.sync();
  } finally {
    await file.close();
  }
  return true;
}

async function writeAllAt(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let position = 0; position < bytes.length;) {
    position += (await file.write(bytes, position, bytes.length - position, position)).bytesWritten;
  }
}

async function list(path: string): Promise<string[]> {
  return ((await unlessMissing(readdir(path))) ?? []).sort(byCodeUnit);
}

async function remove(path: string): Promise<void> {
  const removed = await unlessMissing(unlink(path).then(() => true));
  if (removed) await syncFolder(dirname(path));
}

/** The probe has the name of a temp file, so that one left by a crash is swept like any other. */
async function check(folders: DurableFolders, folder: string): Promise<void> {
  for (const part of [deliveriesFolder, inboxFolder])
    await folders.inside(join(folder, part), () => access(join(folder, part), constants.W_OK));
  const path = join(tempFolder(folder), tempName(randomBytes(8).toString('hex')));
  const file = await folders.inside(dirname(path), () => open(path, 'wx'));
  try {
    await file.write(Buffer.alloc(4096)); // a whole block: a full disk still takes an empty file
    await file.sync();
  } finally {
    await file.close();
    await unlink(path);
  }
}

/** A second lock behind `keys.ts`: whatever it makes one day, no key leaves the folder. */
function safeKey(key: string): string {
  const segments = key.replace(/\/$/, '').split('/');
  const safe =
    segments.every((segment) => /^[0-9A-Za-z_%-][0-9A-Za-z_%.-]*$/.test(segment)) && segments[0] !== 'tmp';
  if (!safe)
    throw new TypeError(`Expected a key made by payloads/keys.ts, got ${JSON.stringify(key.slice(0, 80))}.`);
  return segments.join('/');
}

/** Without its temp folder this is no store, or none that is mounted now: then nobody knows whether the object is there. */
async function found<T>(folder: string, key: string, looking: Promise<T>): Promise<T> {
  const result = await unlessMissing(looking);
  if (result !== undefined) return result;
  await stat(tempFolder(folder));
  throw new PayloadNotFound(key);
}

async function unlessMissing<T>(looking: Promise<T>): Promise<T | undefined> {
  try {
    return await looking;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
