import type { AttemptRef } from '../domain/attempt-ref';
import { ChangedFile } from './changed-file';
import { CheckedFile } from './checked-file';
import { reportCsvKey, reportKey } from './keys';
import type { PayloadStore } from './payload-store';
import { isReportUnchanged } from './report-content';
import { readReportHead } from './report-head';

/**
 * Opens a report to hand it out: each byte is compared with those that were hashed before it is read.
 * @returns undefined when the report was changed. A report of an earlier version, which has no hash, counts as
 *   unchanged.
 * @throws {PayloadNotFound}
 */
export async function openReport(
  store: PayloadStore,
  ref: AttemptRef,
  form: 'json' | 'csv',
): Promise<CheckedFile | undefined> {
  // a request may have been added to the first line meanwhile, which replaces the file
  return (await openOnce(store, ref, form)) ?? openOnce(store, ref, form);
}

async function openOnce(
  store: PayloadStore,
  ref: AttemptRef,
  form: 'json' | 'csv',
): Promise<CheckedFile | undefined> {
  const key = form === 'json' ? reportKey(ref) : reportCsvKey(ref);
  const file = await CheckedFile.openUnchecked(store, ref, key);
  const withFile: PayloadStore = {
    ...store,
    read: (other, range) => (other === key ? file.read(range) : store.read(other, range)),
    size: async (other) => (other === key ? file.size : store.size(other)),
  };
  try {
    const isUnchanged =
      (await readReportHead(withFile, ref)) !== undefined && (await isReportUnchanged(withFile, ref, form));
    return isUnchanged ? file : undefined;
  } catch (error) {
    if (error instanceof ChangedFile) return undefined;
    throw error;
  }
}
