import { constants } from 'node:fs';
import { access, type FileHandle, link, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { clock } from '../../clock/clock';
import { createIfAbsent, type HardLink } from './create-if-absent';
import { createDurableFolders, type DurableFolders } from './durable-folders';
import { deliveriesFolder, inboxFolder } from '../keys';
import {
  type ByteRange,
  PayloadIsFolder,
  PayloadNotFound,
  type PayloadStore,
  type StagedPayload,
} from '../payload-store';
import { createStagedFile } from './staged-file';
import { syncFolder } from './sync-folder';
import { tempFolder, tempName } from './temp-name';

/** Large enough to keep system calls cheap, small enough for a hundred concurrent readers in memory. */
const bytesPerRead = 256 * 1024;

/**
 * A payload store in a folder: each object is a file, and each `/` in its key separates folders. All
 * processes that use the same folder see the same objects, on one host or on a shared file system with POSIX
 * rename.
 *
 * @param folder absolute path; created when it does not exist.
 * @param hardLink gives a file a second name, as `link` does.
 */
export function createFolderStore({
  folder,
  hardLink = link,
}: {
  folder: string;
  hardLink?: HardLink;
}): PayloadStore {
  const folders = createDurableFolders(folder);
  const filePath = (key: string): string => join(folder, safeKey(key));
  return {
    stage: () => stage(folders, tempFolder(folder), filePath, hardLink),
    read: (key, range) => read(folder, key, filePath(key), range),
    size: (key) => size(folder, key, filePath(key)),
    replace: (key, bytes) => unlessFolder(key, replace(filePath(key), bytes)),
    list: (prefix) => list(filePath(prefix)),
    remove: (key) => unlessFolder(key, remove(filePath(key))),
    check: () => check(folders, folder),
  };
}

async function stage(
  folders: DurableFolders,
  tempFolder: string,
  filePath: (key: string) => string,
  hardLink: HardLink,
): Promise<StagedPayload> {
  const path = join(tempFolder, tempName(clock.randomHex(8)));
  const file = await folders.inside(tempFolder, () => open(path, 'wx'));
  return createStagedFile({
    file,
    path,
    moveTo: (key) => unlessFolder(key, move(folders, path, filePath(key))),
    moveIfAbsentTo: (key) => unlessFolder(key, moveIfAbsent(folders, path, filePath(key), hardLink)),
  });
}

async function move(folders: DurableFolders, from: string, to: string): Promise<void> {
  await folders.inside(dirname(to), () => rename(from, to));
  await syncFolder(dirname(to));
}

/** Syncs the folder also when the object exists: its writer may not have synced the name yet. */
async function moveIfAbsent(
  folders: DurableFolders,
  from: string,
  to: string,
  hardLink: HardLink,
): Promise<boolean> {
  const isCreated = await folders.inside(dirname(to), () => createIfAbsent(from, to, hardLink));
  await syncFolder(dirname(to));
  return isCreated;
}

async function* read(
  folder: string,
  key: string,
  path: string,
  range?: ByteRange,
): AsyncGenerator<Uint8Array> {
  const file = await orNotFound(folder, key, open(path, 'r'));
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) throw new PayloadIsFolder(key);
    const end = range?.end ?? stats.size;
    let position = range?.start ?? 0;
    while (position < end) {
      // Each read gets a new buffer, because the caller may keep the previous one.
      const { buffer, bytesRead } = await file.read(
        Buffer.allocUnsafe(Math.min(bytesPerRead, end - position)),
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
  const stats = await orNotFound(folder, key, stat(path));
  if (stats.isDirectory()) throw new PayloadIsFolder(key);
  return stats.size;
}

async function replace(path: string, bytes: Uint8Array): Promise<boolean> {
  const file = await unlessMissing(open(path, 'r+')); // r+ never creates a file: a removed entry stays removed
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

/** The probe has a temp file's name, so that the next start removes a probe that a crash left behind. */
async function check(folders: DurableFolders, folder: string): Promise<void> {
  for (const name of [deliveriesFolder, inboxFolder])
    await folders.inside(join(folder, name), () => access(join(folder, name), constants.W_OK));
  const path = join(tempFolder(folder), tempName(clock.randomHex(8)));
  const file = await folders.inside(dirname(path), () => open(path, 'wx'));
  try {
    await file.write(Buffer.alloc(4096)); // a complete block, because even a full disk accepts an empty file
    await file.sync();
  } finally {
    await file.close();
    await unlink(path);
  }
}

/** A second check after `keys.ts`: even with a bug there, no key may point outside the folder. */
function safeKey(key: string): string {
  const segments = key.replace(/\/$/, '').split('/');
  const safe =
    segments.every((segment) => /^[0-9A-Za-z_%-][0-9A-Za-z_%.-]*$/.test(segment)) && segments[0] !== 'tmp';
  if (!safe)
    throw new TypeError(`Expected a key made by payloads/keys.ts, got ${JSON.stringify(key.slice(0, 80))}.`);
  return segments.join('/');
}

/**
 * Throws PayloadNotFound for a missing file only if the temp folder exists. Without a temp folder, the store
 * is not mounted, and it is unknown whether the object exists.
 */
async function orNotFound<T>(folder: string, key: string, access: Promise<T>): Promise<T> {
  const result = await unlessMissing(access);
  if (result !== undefined) return result;
  await stat(tempFolder(folder));
  throw new PayloadNotFound(key);
}

/** ENOTDIR: a file has the name of a folder. ELOOP: a link leads to itself. Nothing can be below either. */
const missingCodes: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

async function unlessMissing<T>(access: Promise<T>): Promise<T | undefined> {
  try {
    return await access;
  } catch (error) {
    if (missingCodes.has((error as NodeJS.ErrnoException).code)) return undefined;
    throw error;
  }
}

/** Replaces the file system's EISDIR, whose message does not say what to do. */
async function unlessFolder<T>(key: string, access: Promise<T>): Promise<T> {
  try {
    return await access;
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EISDIR' ? new PayloadIsFolder(key) : error;
  }
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
