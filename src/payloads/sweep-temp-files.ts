import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ownerOf, tempFolderOf } from './temp-name';

/** A living upload writes a batch every quarter of an hour even at the least rate the gateway allows; other hosts' pids cannot be asked. */
const tooOldMs = 24 * 60 * 60 * 1000;

/**
 * Removes temp files that a process left behind when it was killed; called when the gateway starts. Those of living processes,
 * of this host and others, stay.
 *
 * @param folder the store's folder.
 * @returns how many files were removed. A file that cannot be removed stays for the next start.
 */
export async function sweepTempFiles(folder: string): Promise<number> {
  const tempFolder = tempFolderOf(folder);
  const names = await readdir(tempFolder).catch(() => []);
  const swept = await Promise.all(names.filter((name) => name.endsWith('.tmp')).map((name) => sweep(tempFolder, name)));
  return swept.filter(Boolean).length;
}

async function sweep(tempFolder: string, name: string): Promise<boolean> {
  const path = join(tempFolder, name);
  try {
    const { mtimeMs } = await stat(path);
    if (!isLeftBehind(name, mtimeMs)) return false;
    await unlink(path);
    return true;
  } catch {
    return false; // gone: its owner committed or discarded it just now
  }
}

function isLeftBehind(name: string, mtimeMs: number): boolean {
  if (Date.now() - mtimeMs > tooOldMs) return true;
  const owner = ownerOf(name);
  if (!owner?.thisHost) return false;
  if (owner.pid === process.pid) return mtimeMs < processStartMs(); // a container's processes have the same pid after every restart
  return !isAlive(owner.pid);
}

function processStartMs(): number {
  return Date.now() - process.uptime() * 1000;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // alive, and somebody else's
  }
}
