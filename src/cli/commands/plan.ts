import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadConfig } from '../../config/load-config';
import { printable } from '../../text/printable';
import { createFolderStore } from '../../payloads/folder/folder-store';
import { dryRun } from '../dry-run/dry-run';
import { dryRunLines } from '../output/dry-run-lines';
import { jsonLine } from '../output/json-line';
import { type Streams, writeLines } from '../output/streams';

export interface PlanOptions {
  /** Payload store with the earlier exports; default REQUEUE_STORE, or `.requeue` when it exists. */
  readonly store?: string | undefined;
  readonly json?: true | undefined;
}

/**
 * `requeue plan FILE`: shows what an export of the file would do. Calls no server and writes nothing.
 *
 * @throws {Error} with one sentence when the file cannot be read, or when its export would fail.
 */
export async function plan(file: string, options: PlanOptions, { stdout }: Streams = process): Promise<void> {
  const config = loadConfig(process.env, 'client');
  const folder = findStoreFolder(options.store, config.storeFolder);
  const earlier = folder === undefined ? undefined : createFolderStore({ folder });
  const result = await dryRun(file, { config, earlier }).catch((error: unknown) => {
    throw fileError(error, file);
  });
  writeLines(
    stdout,
    options.json ? [jsonLine({ ...result, store: folder ?? null })] : dryRunLines(result, { file, folder }),
  );
  if (result.result === 'failed') throw new Error(printable(`The export would fail: ${result.because}`));
}

function findStoreFolder(option: string | undefined, configured: string): string | undefined {
  if (option === undefined) return existsSync(configured) ? configured : undefined;
  const folder = resolve(option);
  if (existsSync(folder)) return folder;
  throw new Error(`There is no store at ${folder}.`);
}

function fileError(error: unknown, file: string): unknown {
  const { code, path, name, message } = error as NodeJS.ErrnoException;
  if (name === 'BodyError') return new Error(`The gateway would refuse ${file}: ${printable(message)}.`);
  return code !== undefined && (path === file || path === undefined)
    ? new Error(`${file} cannot be read (${code}).`)
    : error;
}
