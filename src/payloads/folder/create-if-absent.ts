import { open, rename, stat, unlink } from 'node:fs/promises';

export type HardLink = (existing: string, created: string) => Promise<void>;

/**
 * What `link` throws on a file system without hard links: FAT and exFAT (EPERM), SMB and some shared folders
 * of virtual machines (ENOTSUP), FUSE drivers (ENOSYS).
 */
const noHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/**
 * Moves a file to a new name, whole or not at all. `rename` would replace an existing file, so the file gets
 * the new name by a hard link and then loses the old one.
 * @returns false when `to` exists; `from` then stays.
 */
export async function createIfAbsent(from: string, to: string, hardLink: HardLink): Promise<boolean> {
  try {
    await hardLink(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && noHardLinks.has(code)) return claimAndRename(from, to);
    if (code !== 'EEXIST') throw error;
    // NFS repeats a request whose answer was lost, so a link that was made may be reported as existing
    if ((await stat(from)).nlink < 2) return existsAsFile(to);
  }
  await unlink(from).catch(() => undefined); // the file has its new name; a later start removes the old one
  return true;
}

/**
 * Without hard links: creates an empty file, which only one caller can, and renames over it. A reader may see
 * the empty file for a moment, and a crash may leave it. Both look like a truncated file, which every reader
 * of a receipt and of a sent-mark treats as an unknown effect. To check first and rename then would show no
 * empty file, but two callers could both find nothing, and the first one's file would be lost unnoticed.
 */
async function claimAndRename(from: string, to: string): Promise<boolean> {
  try {
    await (await open(to, 'wx')).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return existsAsFile(to);
    throw error;
  }
  await rename(from, to);
  return true;
}

/**
 * @returns false, as `createIfAbsent` does for an existing file.
 * @throws EISDIR for a folder. Otherwise the caller would look for the existing file, find none, and try again.
 */
async function existsAsFile(path: string): Promise<false> {
  if (!(await stat(path)).isDirectory()) return false;
  throw Object.assign(new Error(`EISDIR: ${path} is a folder`), { code: 'EISDIR', syscall: 'link', path });
}
