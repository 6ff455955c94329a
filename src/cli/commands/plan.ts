import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadConfig } from '../../config/load-config';
import { printable } from '../../text/printable';
import { createFolderStore } from '../../payloads/folder/folder-store';
import { type DryRun, dryRun } from '../dry-run/dry-run';
import { dryRunLines } from '../output/dry-run-lines';
import { jsonLine } from '../output/json-line';
import { type Streams, writeLines } from '../output/streams';

export interface PlanOptions {
  /** Folder of the store whose earlier exports count; default REQUEUE_STORE or `.requeue`, where it is there. */
  readonly store?: string | undefined;
  readonly json?: true | undefined;
}

/**
 * `requeue plan FILE`: what an export of the file would do, with no server at all. Nothing is written anywhere.
 * @throws an Error with one sentence, also when no plan could be made.
 */
export async function plan(file: string, options: PlanOptions, { stdout }: Streams = process): Promise<void> {
  const config = loadConfig(process.env, 'client');
  const folder = storeFolder(options.store, config.storeFolder);
  const earlier = folder === undefined ? undefined : createFolderStore({ folder });
  const made = await dryRun(file, { config, earlier }).catch((error: unknown) => {
    throw fileError(error, file);
  });
  writeLines(
    stdout,
    options.json ? [jsonLine({ ...made, store: folder ?? null })] : dryRunLines(made, { file, folder }),
  );
  const failure = failureSentence(made);
  if (failure !== undefined) throw new Error(printable(failure));
}

function storeFolder(given: string | undefined, usual: string): string | undefined {
  if (given === undefined) return existsSync(usual) ? usual : undefined;
  const folder = resolve(given);
  if (existsSync(folder)) return folder;
  throw new Error(`There is no store at ${folder}.`);
}

function failureSentence(made: DryRun): string | undefined {
  return made.result === 'failed' ? `The export would fail: ${made.because}` : undefined;
}

function fileError(error: unknown, file: string): unknown {
  const { code, path, name, message } = error as NodeJS.ErrnoException;
  if (name === 'BodyError') return new Error(`The gateway would refuse ${file}: ${printable(message)}.`);
  return code !== undefined && (path === file || path === undefined)
    ? new Error(`${file} cannot be read (${code}).`)
    : error;
}
