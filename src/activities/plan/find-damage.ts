import type { AttemptRef } from '../../domain/attempt-ref';
import type { Plan } from '../../domain/plan';
import type { Attempt } from '../../payloads/attempts';
import { ChangedFile } from '../../payloads/changed-file';
import { readInboxEntry } from '../../payloads/inbox-entry';
import { droppedRequestKey, inboxKey, issueFolder, planKey, reportKey } from '../../payloads/keys';
import { reportHeadsIn } from '../../payloads/report-head';
import type { PayloadStore } from '../../payloads/payload-store';
import { findMissingReceipt, type ReceiptFile } from '../../payloads/receipts';
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
 * @param files of the attempt's `receiptFiles`.
 * @returns undefined when nothing is missing.
 */
export async function findDamage(
  store: PayloadStore,
  { ref, plan, report, changed }: Attempt,
  files: readonly ReceiptFile[],
): Promise<Damage | undefined> {
  if (!plan) {
    const file = changed ?? ChangedFile.missing(ref, planKey(ref));
    return { kind: 'unknown', file };
  }
  if (report) {
    const missing = findMissingReceipt(ref, report.receipts ?? [], files);
    return missing && { kind: 'unknown', file: missing };
  }
  const missing = findMissingReceipt(ref, [{ from: 0, to: plan.labels }], files);
  if (!changed && (await isAnsweredElsewhere(store, ref, plan))) return undefined;
  const place = changed ? 'ended' : await findRequest(store, ref, plan);
  if (place === 'in-progress') return undefined;
  if (place === 'stopped') return missing && { kind: 'harmless', file: missing };
  const file = changed ?? ChangedFile.missing(ref, reportKey(ref));
  return { kind: missing ? 'unknown' : 'harmless', file };
}

/**
 * The request of an attempt may be answered by the report of another one, for example when its run was lost and a later
 * request with the same body was exported first. Its own attempt then never gets a report.
 */
async function isAnsweredElsewhere(
  store: PayloadStore,
  { issueId }: AttemptRef,
  { requestId }: Plan,
): Promise<boolean> {
  const heads = await reportHeadsIn(store, issueFolder(issueId));
  return heads.some(({ requests }) => requests.includes(requestId));
}

/**
 * What became of the request of an attempt without a report. `stopped`: it is held or was dropped, so that some of its
 * labels may have been sent.
 */
async function findRequest(
  store: PayloadStore,
  { issueId }: AttemptRef,
  { requestId }: Plan,
): Promise<'in-progress' | 'stopped' | 'ended'> {
  if (await objectExists(store, droppedRequestKey(issueId, requestId))) return 'stopped';
  if (!(await objectExists(store, inboxKey(requestId)))) return 'ended';
  const entry = await readInboxEntry(store, requestId).catch(() => undefined); // a damaged entry is still an entry
  return entry?.handOver.held === undefined ? 'in-progress' : 'stopped';
}
