import { stat, statfs } from 'node:fs/promises';
import { createFolderStore } from '../../payloads/folder/folder-store';
import { leftBehindFiles } from '../../payloads/folder/left-behind-files';
import type { Finding } from './finding';
import { formatBytes } from './format-bytes';
import type { Subject } from './subject';

/** Whether a delivery can be kept: a probe is written as the gateway does it, and there is room for one more body. */
export async function checkStore({ mode, config }: Subject): Promise<Finding[]> {
  const folder = config.storeFolder;
  try {
    await stat(folder);
  } catch (error) {
    return [wrong(`There is no store at ${folder} (${errorCode(error)}).`, firstStart(mode))];
  }
  return [
    await writable(folder),
    await room(folder, config.gateway.maxBodyBytes),
    ...(await leftovers(folder)),
  ];
}

async function writable(folder: string): Promise<Finding> {
  try {
    await createFolderStore({ folder }).check();
    return { part: 'store', state: 'well', says: `${folder} can be written.` };
  } catch (error) {
    return wrong(
      `${folder} cannot be written (${errorCode(error)}), so deliveries are refused.`,
      todoFor(errorCode(error)),
    );
  }
}

async function room(folder: string, maxBodyBytes: number): Promise<Finding> {
  const { bavail, bsize, files, ffree } = await statfs(folder);
  const free = bavail * bsize;
  if (files > 0 && ffree === 0)
    return wrong(
      `The volume of ${folder} has no inode left.`,
      'remove files from the volume',
      'store’s room',
    );
  if (free < maxBodyBytes) {
    return wrong(
      `${formatBytes(free)} are free, less than one body of the largest size (${formatBytes(maxBodyBytes)}).`,
      'make room on the volume, or lower MAX_BODY_BYTES',
      'store’s room',
    );
  }
  return { part: 'store’s room', state: 'well', says: `${formatBytes(free)} are free.` };
}

async function leftovers(folder: string): Promise<Finding[]> {
  const files = await leftBehindFiles(folder);
  if (files.length === 0) return [];
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return [
    {
      part: 'temp files',
      state: 'note',
      says: `${files.length === 1 ? '1 file' : `${files.length} files`} (${formatBytes(bytes)}) of killed processes lie in the store.`,
      todo: 'nothing: the gateway removes them when it starts',
    },
  ];
}

function firstStart(mode: Subject['mode']): string {
  return mode === 'dev'
    ? 'start one with npm run dev, or set REQUEUE_STORE to the folder that is meant'
    : 'mount it, or set REQUEUE_STORE to the folder that is meant; a gateway makes a new one when it starts';
}

const todos: Readonly<Record<string, string>> = {
  ENOSPC: 'make room on the volume',
  EDQUOT: 'make room on the volume, or raise the quota',
  EROFS: 'mount the volume writable',
  EACCES: 'let the user that runs Requeue write there',
  EPERM: 'let the user that runs Requeue write there',
  ENOTDIR: 'set REQUEUE_STORE to a folder',
};

function todoFor(code: string): string {
  return todos[code] ?? 'look at the volume and the system’s log';
}

function wrong(says: string, todo: string, part = 'store'): Finding {
  return { part, state: 'wrong', says, todo };
}

function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown reason';
}
