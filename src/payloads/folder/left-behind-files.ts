import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseOwner, tempFolder } from './temp-name';

/** A living upload writes a batch every quarter of an hour even at the least rate the gateway allows; other hosts' pids cannot be asked. */
const tooOldMs = 24 * 60 * 60 * 1000;

export interface LeftBehind {
  readonly path: string;
  readonly bytes: number;
}

/** Temp files that a process left behind when it was killed. Those of living processes, of this host and others, are none. */
export async function leftBehindFiles(folder: string): Promise<LeftBehind[]> {
  const temp = tempFolder(folder);
  const names = await readdir(temp).catch(() => []);
  const found = await Promise.all(
    names.filter((name) => name.endsWith('.tmp')).map((name) => look(temp, name)),
  );
  return found.filter((file) => file !== undefined);
}

async function look(tempFolder: string, name: string): Promise<LeftBehind | undefined> {
  const path = join(tempFolder, name);
  try {
    const { mtimeMs, size } = await stat(path);
    return isLeftBehind(name, mtimeMs) ? { path, bytes: size } : undefined;
  } catch {
    return undefined; // gone: its owner committed or discarded it just now
  }
}

function isLeftBehind(name: string, mtimeMs: number): boolean {
  if (Date.now() - mtimeMs > tooOldMs) return true;
  const owner = parseOwner(name);
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
