import { unlink } from 'node:fs/promises';
import { leftBehindFiles } from './left-behind-files';

/**
 * Removes temp files that a process left behind when it was killed; called when the gateway starts. Those of living processes,
 * of this host and others, stay.
 *
 * @param folder the store's folder.
 * @returns how many files were removed. A file that cannot be removed stays for the next start.
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
