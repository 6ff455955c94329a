import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { clock } from '../../clock/clock';
import { parseOwner, tempFolder } from './temp-name';

/**
 * A file without a write for this long is left behind, on whatever host: pids of other hosts can't be
 * checked. Even at the lowest rate that the gateway allows, a running upload writes a batch every 15 minutes.
 */
const tooOldMs = 24 * 60 * 60 * 1000;

export interface LeftBehind {
  readonly path: string;
  readonly bytes: number;
}

/** Finds the temp files of killed processes. Skips the files of running processes on all hosts. */
export async function leftBehindFiles(folder: string): Promise<LeftBehind[]> {
  const temp = tempFolder(folder);
  const names = await readdir(temp).catch(() => []);
  const found = await Promise.all(
    names.filter((name) => name.endsWith('.tmp')).map((name) => checkFile(temp, name)),
  );
  return found.filter((file) => file !== undefined);
}

async function checkFile(tempFolder: string, name: string): Promise<LeftBehind | undefined> {
  const path = join(tempFolder, name);
  try {
    const { mtimeMs, size } = await stat(path);
    return isLeftBehind(name, mtimeMs) ? { path, bytes: size } : undefined;
  } catch {
    return undefined; // its process has just committed or discarded it
  }
}

function isLeftBehind(name: string, mtimeMs: number): boolean {
  if (clock.now() - mtimeMs > tooOldMs) return true;
  const owner = parseOwner(name);
  if (!owner?.thisHost) return false;
  // In a container, a restarted process gets the same pid again, so its file may be from an earlier start.
  if (owner.pid === process.pid) return mtimeMs < processStartMs();
  return !isAlive(owner.pid);
}

function processStartMs(): number {
  return clock.now() - process.uptime() * 1000;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it runs as another user
  }
}
