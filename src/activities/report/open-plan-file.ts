import type { AttemptRef } from '../../domain/attempt-ref';
import { ChangedFile } from '../../payloads/changed-file';
import { CheckedFile } from '../../payloads/checked-file';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { readLines } from '../../payloads/read-lines';
import { stopIfCancelled } from '../heartbeating';

/** A file of lines that a report is made from. */
export interface PlanFile {
  /** The lines that were checked; of a changed file, the lines that are there now; none of a missing file. */
  lines(): AsyncIterable<string>;
  /** Set when the file is missing or was changed since the plan was made. */
  readonly changed: ChangedFile | undefined;
}

/** Hashes a file of a plan. A changed file doesn't stop a report: it may be the reason why the export ended. */
export async function openPlanFile(
  store: PayloadStore,
  ref: AttemptRef,
  key: string,
  sha256: string,
): Promise<PlanFile> {
  try {
    const file = await CheckedFile.open(store, ref, key, sha256, stopIfCancelled);
    return { lines: () => readLines(file.read()), changed: undefined };
  } catch (error) {
    if (!(error instanceof ChangedFile)) throw error;
    return { lines: () => linesIfPresent(store, key), changed: error };
  }
}

async function* linesIfPresent(store: PayloadStore, key: string): AsyncGenerator<string> {
  try {
    yield* readLines(store.read(key));
  } catch (error) {
    if (!(error instanceof PayloadNotFound)) throw error;
  }
}
