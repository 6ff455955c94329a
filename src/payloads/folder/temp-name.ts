import { hostname } from 'node:os';
import { join } from 'node:path';

/** Contains staged files. It is part of the store, because a rename only works within one file system. */
export function tempFolder(folder: string): string {
  return join(folder, 'tmp');
}

/**
 * `<hostname>-<pid>-<random>.tmp`. The name identifies the process that writes the file, so that a later
 * start can tell whether the file was left behind.
 */
export function tempName(random: string): string {
  return `${thisHost()}-${process.pid}-${random}.tmp`;
}

/** @returns the process that wrote a temp file; undefined when the name is not from `tempName`. */
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
