import { hostname } from 'node:os';
import { join } from 'node:path';

/**
 * Holds files until they get their key. It is in the store, because rename works within one file system only.
 */
export function tempFolder(folder: string): string {
  return join(folder, 'tmp');
}

/**
 * `<hostname>-<pid>-<random>.tmp`: names the process that writes it, so a later start knows whether it was
 * left behind.
 */
export function tempName(random: string): string {
  return `${thisHost()}-${process.pid}-${random}.tmp`;
}

/** @returns the process that wrote a temp file; undefined when Requeue did not name the file. */
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
