import { unlink } from 'node:fs/promises';
import { leftBehindFiles } from './left-behind-files';

/**
 * Removes the temp files of killed processes. The gateway calls it at start. Keeps the files of running
 * processes on all hosts.
 *
 * @param folder the store's folder.
 * @returns the number of removed files. The next start tries again to remove the others.
 */
export async function sweepTempFiles(folder: string): Promise<number> {
  const swept = await Promise.all((await leftBehindFiles(folder)).map(({ path }) => remove(path)));
  return swept.filter(Boolean).length;
}

async function remove(path: string): Promise<boolean> {
  return unlink(path).then(
    () => true,
    () => false,
  );
}
