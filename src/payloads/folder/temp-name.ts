import { hostname } from 'node:os';
import { join } from 'node:path';

/** Where files are written before they get their name; beside the objects, because rename works within one file system only. */
export function tempFolder(folder: string): string {
  return join(folder, 'tmp');
}

/** `<hostname>-<pid>-<random>.tmp`: tells who writes it, so that a later start knows whether it was left behind. */
export function tempName(random: string): string {
  return `${thisHost()}-${process.pid}-${random}.tmp`;
}

/** Who wrote a temp file, or undefined when its name is not one of ours. */
export function parseOwner(name: string): { readonly thisHost: boolean; readonly pid: number } | undefined {
  const parts = /^(?<host>.+)-(?<pid>\d+)-[0-9a-f]+\.tmp$/.exec(name)?.groups;
  return parts && { thisHost: parts['host'] === thisHost(), pid: Number(parts['pid']) };
}

function thisHost(): string {
  return (
    hostname()
      .replace(/[^0-9A-Za-z.-]/g, '_')
      .slice(0, 100) || 'host'
  );
}
