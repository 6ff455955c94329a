import type { AttemptRef } from '../../domain/attempt-ref';
import { approvedPositions } from '../../domain/decision-log';
import type { Plan } from '../../domain/plan';
import { intersectRanges, subtractRanges } from '../../domain/ranges';
import type { Range } from '../../domain/receipt';
import { readAppliedDecisions } from '../applied-decisions';
import type { Attempt } from '../attempts';
import { ChangedFile } from '../changed-file';
import { readInboxEntry } from '../inbox-entry';
import {
  appliedDecisionsFolder,
  attemptFolder,
  deliveryKey,
  droppedRequestKey,
  inboxKey,
  labelsIndexKey,
  labelsKey,
  leftOutKey,
  planKey,
  receiptKey,
  receiptsFolder,
  reportCsvKey,
  reportKey,
  sentKey,
} from '../keys';
import { checkLossNote, type LossNote } from '../loss-note';
import { PayloadNotFound, type PayloadStore } from '../payload-store';
import { readUnchangedFile } from '../read-unchanged-file';
import { markHashName, type ReceiptFile, readReceipt, receiptFiles } from '../receipts';
import { ReceiptsDigest } from '../receipts-digest';
import { isReportUnchanged } from '../report-content';
import type { ReportHead } from '../report-head';
import { objectExists } from '../small-objects';
import { checkRecords, isRecordUnchanged } from './check-records';
import { changed, type DamagedPath, missing } from './damaged-path';

/** Checks the files of an attempt against their hashes, and looks for those that another file of it refers to. */
export async function checkAttempt(store: PayloadStore, attempt: Attempt): Promise<DamagedPath[]> {
  const { ref, report } = attempt;
  const damaged = await findDamage(store, attempt);
  const note = damaged.length > 0 || !report ? await checkLossNote(store, attempt) : undefined;
  if (!note || note instanceof ChangedFile) return damaged;
  // without its plan too, nothing else in the attempt's folder shows that it had a report
  const all = report ? damaged : [...damaged, ...(await nameFile(store, reportKey(ref), true))];
  return all.map((file) => (isAccepted(file, attempt, note) ? { ...file, acceptedBy: note.by } : file));
}

/** Without its report, an ended export looks like one whose inbox entry is missing. */
function isAccepted({ path }: DamagedPath, { ref, plan }: Attempt, { files }: LossNote): boolean {
  if (path === planKey(ref)) return files.includes('plan.json');
  if (path === reportKey(ref) || (plan && path === inboxKey(plan.requestId)))
    return files.includes('report.json');
  const receipts = receiptsFolder(ref);
  return path === receipts || (path.startsWith(receipts) && path.endsWith('.json'));
}

async function findDamage(store: PayloadStore, attempt: Attempt): Promise<DamagedPath[]> {
  const { ref, plan, report, hasReceipts } = attempt;
  const files = await receiptFiles(store, ref);
  const hadPlan = hasReceipts || report?.destination !== undefined;
  return [
    ...(plan ? await checkPlanFiles(store, ref, plan) : await nameFile(store, planKey(ref), hadPlan)),
    ...(report ? await checkReportFiles(store, ref) : await nameFile(store, reportKey(ref), false)),
    ...(plan && !report && !attempt.changed ? await checkRequestOf(store, plan) : []),
    ...(await checkReceipts(store, attempt, files)),
    ...(await checkRecords(store, appliedDecisionsFolder(ref), /^\d{17}-\d{1,9}\.json$/)),
    ...(report ? await nameLostDecisions(store, report) : await findGap(store, ref)),
    ...(await checkRecords(store, attemptFolder(ref), recordNames)),
  ];
}

const recordNames = /^(?:lost|again-\d{1,9})\.json$/;

/** For a file that could not be read: it was changed if it is there. */
async function nameFile(store: PayloadStore, key: string, isExpected: boolean): Promise<DamagedPath[]> {
  if (await objectExists(store, key)) return [changed(key)];
  return isExpected ? [missing(key)] : [];
}

async function checkPlanFiles(store: PayloadStore, ref: AttemptRef, plan: Plan): Promise<DamagedPath[]> {
  const hashes: readonly (readonly [key: string, sha256: string | undefined])[] = [
    [labelsKey(ref), plan.labelsSha256],
    [labelsIndexKey(ref), plan.indexSha256],
    [leftOutKey(ref), plan.leftOutSha256],
  ];
  const damaged: DamagedPath[] = [];
  for (const [key, sha256] of hashes)
    if (sha256 !== undefined && !(await hasHash(store, ref, key, sha256)))
      damaged.push(...(await nameFile(store, key, true)));
  const delivery = deliveryKey(plan.sha256);
  return (await objectExists(store, delivery)) ? damaged : [...damaged, missing(delivery)];
}

async function hasHash(store: PayloadStore, ref: AttemptRef, key: string, sha256: string): Promise<boolean> {
  try {
    for await (const _ of readUnchangedFile(store, ref, key, sha256)); // reads to the end
    return true;
  } catch (error) {
    if (error instanceof ChangedFile) return false;
    throw error;
  }
}

async function checkReportFiles(store: PayloadStore, ref: AttemptRef): Promise<DamagedPath[]> {
  if (!(await isReportUnchanged(store, ref, 'json'))) return [changed(reportKey(ref))];
  if (!(await objectExists(store, reportCsvKey(ref)))) return [missing(reportCsvKey(ref))];
  return (await isReportUnchanged(store, ref, 'csv')) ? [] : [changed(reportCsvKey(ref))];
}

/** A plan without a report belongs to a request that is in the inbox or was dropped. */
async function checkRequestOf(store: PayloadStore, plan: Plan): Promise<DamagedPath[]> {
  const { issueId, requestId } = plan;
  if (await objectExists(store, droppedRequestKey(issueId, requestId))) return [];
  const key = inboxKey(requestId);
  if (!(await objectExists(store, key)))
    return [missing((await objectExists(store, reportCsvKey(plan))) ? reportKey(plan) : key)];
  const entry = await readInboxEntry(store, requestId).catch(() => undefined); // its own check names it
  if (!entry) return [];
  const { request } = entry;
  const isSame =
    request.issueId === issueId && request.sha256 === plan.sha256 && request.force === plan.force;
  return isSame ? [] : [changed(key)];
}

async function checkReceipts(
  store: PayloadStore,
  { ref, report }: Attempt,
  files: readonly ReceiptFile[],
): Promise<DamagedPath[]> {
  const marks = new Set(files.filter(({ kind }) => kind === 'sent').map((file) => sentKey(ref, file)));
  const digest = new ReceiptsDigest(report?.receipts ?? []);
  const damaged: DamagedPath[] = [];
  const lost = report ? nameLostReceipts(report, files) : [];
  for (const file of files) {
    if (file.kind === 'sent') {
      const key = sentKey(ref, file);
      if (!(await isRecordUnchanged(store, key, markHashName))) damaged.push(changed(key));
      continue;
    }
    const receipt = await orUndefined(readReceipt(store, ref, file));
    if (receipt) digest.add(receipt);
    else lost.push(...(await nameFile(store, receiptKey(ref, file), false)));
    // a call that changed labels had a mark of the same range
    const isFromCall =
      receipt?.repeated === false &&
      receipt.reported !== null &&
      receipt.items.some(({ outcome }) => outcome === 'relabeled');
    if (isFromCall && !marks.has(sentKey(ref, file))) damaged.push(missing(sentKey(ref, file)));
  }
  // a lost receipt changes the digest too
  const isOther = report?.receiptsSha256 !== undefined && digest.finish() !== report.receiptsSha256;
  if (isOther && lost.length === 0) damaged.push(changed(receiptsFolder(ref)));
  return [...damaged, ...lost];
}

async function orUndefined<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ChangedFile || error instanceof PayloadNotFound) return undefined;
    throw error;
  }
}

/** Sent-marks that are left say which receipts there were. */
function nameLostReceipts(report: ReportHead, files: readonly ReceiptFile[]): DamagedPath[] {
  const receipts = files.filter(({ kind }) => kind === 'receipt');
  const lost = subtractRanges([...(report.receipts ?? []), ...(report.lostReceipts ?? [])], receipts);
  if (lost.length === 0) return [];
  const marks = files.filter(({ kind, from, to }) => kind === 'sent' && overlaps({ from, to }, lost));
  const isNamed = subtractRanges(lost, marks).length === 0;
  return [
    ...marks.map((mark) => missing(receiptKey(report, mark))),
    ...(isNamed ? [] : [missing(receiptsFolder(report))]),
  ];
}

function overlaps(range: Range, others: readonly Range[]): boolean {
  return intersectRanges([range], others).length > 0;
}

/**
 * Every decision in a report, except the policy's, has a file whose name begins with its time. Earlier versions wrote
 * no such files.
 */
async function nameLostDecisions(store: PayloadStore, report: ReportHead): Promise<DamagedPath[]> {
  if (!report.receipts) return [];
  const folder = appliedDecisionsFolder(report);
  const names = await store.list(folder);
  const expected = report.decisions.filter(({ who, at }) => who !== 'policy' && at !== '');
  const times = expected.map(({ at }) => at.replace(/\D/g, ''));
  const lost = times.filter((time) => !names.some((name) => name.startsWith(`${time}-`)));
  return lost.map((time) => missing(`${folder}${time}-<question>.json`));
}

/** An approval follows the one before it. */
async function findGap(store: PayloadStore, ref: AttemptRef): Promise<DamagedPath[]> {
  const approved = approvedPositions(await readAppliedDecisions(store, ref));
  const last = Math.max(0, ...approved.map(({ to }) => to));
  const hasGap = subtractRanges([{ from: 0, to: last }], approved).length > 0;
  return hasGap ? [missing(appliedDecisionsFolder(ref))] : [];
}
