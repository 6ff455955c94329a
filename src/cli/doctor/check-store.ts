import { stat, statfs } from 'node:fs/promises';
import { createFolderStore } from '../../payloads/folder/folder-store';
import { leftBehindFiles } from '../../payloads/folder/left-behind-files';
import { pluralize } from '../../text/pluralize';
import type { Finding } from './finding';
import { formatBytes } from './format-bytes';
import type { Subject } from './subject';

/** Checks that the store can keep a delivery: writes a probe like the gateway's and checks free space. */
export async function checkStore({ mode, config }: Subject): Promise<Finding[]> {
  const folder = config.storeFolder;
  try {
    await stat(folder);
  } catch (error) {
    return [wrong('store', `There is no store at ${folder} (${errorCode(error)}).`, firstStep(mode))];
  }
  return [
    await checkWritable(folder),
    await checkSpace(folder, config.gateway.maxBodyBytes),
    ...(await checkTempFiles(folder)),
  ];
}

async function checkWritable(folder: string): Promise<Finding> {
  const part = 'store';
  try {
    await createFolderStore({ folder }).check();
    return { part, state: 'well', says: `${folder} is writable.` };
  } catch (error) {
    const code = errorCode(error);
    return wrong(part, `${folder} is not writable (${code}): the gateway refuses deliveries.`, todoFor(code));
  }
}

async function checkSpace(folder: string, maxBodyBytes: number): Promise<Finding> {
  const part = 'disk space';
  const { bavail, bsize, files, ffree } = await statfs(folder);
  const free = bavail * bsize;
  if (files > 0 && ffree === 0)
    return wrong(part, `The volume of ${folder} has no free inode.`, 'remove files from the volume');
  if (free < maxBodyBytes) {
    return wrong(
      part,
      `${formatBytes(free)} free, less than one body of the maximum size (${formatBytes(maxBodyBytes)}).`,
      'free space on the volume, or lower MAX_BODY_BYTES',
    );
  }
  return { part, state: 'well', says: `${formatBytes(free)} free.` };
}

async function checkTempFiles(folder: string): Promise<Finding[]> {
  const files = await leftBehindFiles(folder);
  if (files.length === 0) return [];
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return [
    {
      part: 'temp files',
      state: 'note',
      says: `Killed processes left ${pluralize(files.length, 'file')} (${formatBytes(bytes)}) in the store.`,
      todo: 'nothing: the gateway removes them when it starts',
    },
  ];
}

function firstStep(mode: Subject['mode']): string {
  return mode === 'dev'
    ? 'create one with npm run dev, or set REQUEUE_STORE to an existing store'
    : 'mount it, or set REQUEUE_STORE to an existing store; a gateway creates a new store when it starts';
}

const todos: Readonly<Record<string, string>> = {
  ENOSPC: 'free space on the volume',
  EDQUOT: 'free space on the volume, or raise the quota',
  EROFS: 'mount the volume writable',
  EACCES: 'give the user that runs Requeue permission to write there',
  EPERM: 'give the user that runs Requeue permission to write there',
  ENOTDIR: 'set REQUEUE_STORE to a folder',
};

function todoFor(code: string): string {
  return todos[code] ?? 'check the volume and the system log';
}

function wrong(part: string, says: string, todo: string): Finding {
  return { part, state: 'wrong', says, todo };
}

function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown reason';
}
