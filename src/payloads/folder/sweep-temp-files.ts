import { unlink } from 'node:fs/promises';
import { leftBehindFiles } from './left-behind-files';

/**
 * Removes the temp files of killed processes; called when the gateway starts. Keeps the files of running
 * processes, on this host and others.
 *
 * @param folder the store's folder.
 * @returns how many files were removed. A file that can't be removed stays for the next start.
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
