import type { AttemptRef } from '../../domain/attempt-ref';
import { approvedPositions } from '../../domain/decision-log';
import type { Plan } from '../../domain/plan';
import { countPositions, mergeRanges } from '../../domain/ranges';
import type { Range } from '../../domain/receipt';
import { readAppliedDecisions } from '../../payloads/applied-decisions';
import type { Attempt } from '../../payloads/attempts';
import { ChangedFile } from '../../payloads/changed-file';
import { readInboxEntry } from '../../payloads/inbox-entry';
import { droppedRequestKey, inboxKey, issueFolder, planKey, reportKey } from '../../payloads/keys';
import { reportHeadsIn } from '../../payloads/report-head';
import type { PayloadStore } from '../../payloads/payload-store';
import { findMissingReceipt, type ReceiptFile } from '../../payloads/receipts';
import { readReportLabels } from '../../payloads/report-content';
import type { ReportHead } from '../../payloads/report-head';
import { objectExists } from '../../payloads/small-objects';
import { stopIfCancelled } from '../heartbeating';

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
    const missing = await findMissing(store, report, files);
    return missing && { kind: 'unknown', file: missing };
  }
  const missing = findMissingReceipt(ref, [{ from: 0, to: plan.labels }], files);
  if (!changed && (await isAnsweredElsewhere(store, ref, plan))) return undefined;
  const place = changed ? 'ended' : await findRequest(store, ref, plan);
  if (place === 'in-progress') return undefined;
  if (place === 'stopped') return findUnanswered(store, ref, files);
  const file = changed ?? ChangedFile.missing(ref, reportKey(ref));
  return { kind: missing ? 'unknown' : 'harmless', file };
}

/** An export that was stopped before its first call has no receipts, and lacks none. */
async function findUnanswered(
  store: PayloadStore,
  ref: AttemptRef,
  files: readonly ReceiptFile[],
): Promise<Damage | undefined> {
  const approved = approvedPositions(await readAppliedDecisions(store, ref));
  const touchedUpTo = files.reduce((last, { to }) => Math.max(last, to), 0);
  const file = findMissingReceipt(ref, [...approved, { from: 0, to: touchedUpTo }], files);
  return file && { kind: 'harmless', file };
}

async function findMissing(
  store: PayloadStore,
  report: ReportHead,
  files: readonly ReceiptFile[],
): Promise<ChangedFile | undefined> {
  try {
    const expected = report.receipts ?? (await readAnsweredPositions(store, report, files));
    return findMissingReceipt(report, expected, files);
  } catch (error) {
    if (error instanceof ChangedFile) return error;
    throw error;
  }
}

/**
 * The head of a report of an earlier version does not list the positions with a receipt. Its labels are read only if
 * fewer positions have a receipt than were sent.
 */
async function readAnsweredPositions(
  store: PayloadStore,
  report: ReportHead,
  files: readonly ReceiptFile[],
): Promise<Range[]> {
  const { planned, withheld } = report.counts;
  const receipts = mergeRanges(files.filter(({ kind }) => kind === 'receipt'));
  if (countPositions(receipts) >= planned - withheld) return [];
  const answered: Range[] = [];
  let position = 0;
  for await (const { outcome } of readReportLabels(store, report)) {
    stopIfCancelled();
    if (outcome !== 'withheld' && outcome !== 'unconfirmed') addPosition(answered, position);
    position += 1;
  }
  return answered;
}

/** @param ranges sorted; the position is behind all of them. Changes the last range if the position follows it. */
function addPosition(ranges: Range[], position: number): void {
  const last = ranges.at(-1);
  if (last?.to === position) ranges[ranges.length - 1] = { from: last.from, to: position + 1 };
  else ranges.push({ from: position, to: position + 1 });
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
