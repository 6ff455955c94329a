import type { Plan } from '../../domain/plan';
import type { Range } from '../../domain/receipt';
import type { Attempt } from '../../payloads/attempts';
import { ChangedFile } from '../../payloads/changed-file';
import { readInboxEntry } from '../../payloads/inbox-entry';
import { droppedRequestKey, planKey, reportKey } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { findMissingReceipt, receiptFiles } from '../../payloads/receipts';
import { objectExists } from '../../payloads/small-objects';

/** A file of an earlier attempt is missing or was changed. */
export interface Damage {
  /** `unknown`: the receipts that are left may not show everything that was relabeled. */
  readonly kind: 'unknown' | 'harmless';
  readonly file: ChangedFile;
}

/**
 * Compares an attempt's receipts with the positions that must have one. Positions, not counts: receipts may have
 * been joined.
 * @returns undefined when nothing is missing.
 */
export async function findDamage(store: PayloadStore, attempt: Attempt): Promise<Damage | undefined> {
  const { ref, plan, report, changed } = attempt;
  if (!plan) {
    const file = changed ?? new ChangedFile(ref, planKey(ref), 'is missing from the payload store');
    return { kind: 'unknown', file };
  }
  const lostReport = report ? undefined : (changed ?? (await findMissingReport(store, attempt, plan)));
  const expected = lostReport ? [{ from: 0, to: plan.labels }] : (report?.receipts ?? []);
  const missing = await findMissing(store, attempt, expected);
  if (lostReport) return { kind: missing ? 'unknown' : 'harmless', file: lostReport };
  return missing && { kind: 'unknown', file: missing };
}

/** An export without a report is still in progress if its request is in the inbox, or was dropped on purpose. */
async function findMissingReport(
  store: PayloadStore,
  { ref }: Attempt,
  { requestId }: Plan,
): Promise<ChangedFile | undefined> {
  if (await readInboxEntry(store, requestId)) return undefined;
  if (await objectExists(store, droppedRequestKey(ref.issueId, requestId))) return undefined;
  return new ChangedFile(ref, reportKey(ref), 'is missing from the payload store');
}

async function findMissing(
  store: PayloadStore,
  { ref }: Attempt,
  expected: readonly Range[],
): Promise<ChangedFile | undefined> {
  if (expected.length === 0) return undefined;
  return findMissingReceipt(ref, expected, await receiptFiles(store, ref));
}
