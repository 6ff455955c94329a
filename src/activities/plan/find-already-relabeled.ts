import { nowIso } from '../../clock/clock';
import type { AttemptRef } from '../../domain/attempt-ref';
import { finishedAs, type LabelOutcome } from '../../domain/label-outcome';
import type { SelectionOptions } from '../../domain/plan';
import type { DamagedFile } from '../../domain/plan-summary';
import type { Receipt } from '../../domain/receipt';
import type { AskedAgain, ExportRequest } from '../../domain/request';
import { type Attempt, listAttempts, listRevisions } from '../../payloads/attempts';
import { ChangedFile, orChanged } from '../../payloads/changed-file';
import { receiptsFolder } from '../../payloads/keys';
import { acceptLoss, checkLossNote } from '../../payloads/loss-note';
import { findVanishedAttempts } from '../../payloads/find-vanished-attempts';
import type { PayloadStore } from '../../payloads/payload-store';
import { readReceipt, type ReceiptFile, receiptFiles } from '../../payloads/receipts';
import { ReceiptsDigest } from '../../payloads/receipts-digest';
import { isReportUnchanged, readReportLabels } from '../../payloads/report-content';
import type { ReportHead } from '../../payloads/report-head';
import { pluralize } from '../../text/pluralize';
import { stopIfCancelled } from '../heartbeating';
import { countNotRelabeled, describeUnanswered } from './describe-unanswered';
import { findDamage } from './find-damage';
import { LabelsSeen } from './labels-seen';

/** Where labels go, and whether labels that were relabeled go again. */
export interface Target extends Pick<SelectionOptions, 'resend'> {
  readonly destination: string;
  readonly destinationProject: string;
}

/** `plan.json` has them. */
const maxWarnings = 20;

/** What earlier attempts of an issue have relabeled. */
export interface AlreadyRelabeled {
  readonly labelsSeen: LabelsSeen;
  /** Not more than 20. */
  readonly warnings: readonly DamagedFile[];
}

/**
 * Collects the labels that earlier attempts of this issue relabeled, or found already gone, at the same
 * destination project. Holds one receipt in memory at a time. With `resend: all`, only attempts with the same
 * body count. Where receipts are missing or were changed, the attempt's report counts.
 * @throws {ChangedFile} when it is unknown what an attempt relabeled: sending its labels again could undo a
 *   person's work.
 */
export async function findAlreadyRelabeled(
  store: PayloadStore,
  request: ExportRequest,
  target: Target,
): Promise<AlreadyRelabeled> {
  const labelsSeen = new LabelsSeen();
  const warnings: DamagedFile[] = [];
  const withLosses: ReportHead[] = [];
  const unreported: Attempt[] = [];
  for await (const attempt of relevantAttempts(store, request, target)) {
    const message = await addAttempt(store, labelsSeen, attempt);
    if (message !== undefined) warnings.push({ warning: 'damaged-file', message });
    if (attempt.report?.lostReceipts) withLosses.push(attempt.report);
    else if (!attempt.report) unreported.push(attempt);
  }
  const messages = [
    ...(await describeAllUnanswered(store, labelsSeen, unreported)),
    ...(await describeLostReceipts(store, labelsSeen, withLosses)),
    ...(await describeVanished(store, request, target)),
  ];
  for (const message of messages) warnings.push({ warning: 'damaged-file', message });
  return { labelsSeen, warnings: warnings.slice(0, maxWarnings) };
}

/**
 * An operator asked again for everything: notes each earlier attempt of which it is unknown what it relabeled, so
 * that it stops no later plan.
 * @returns a warning for each.
 */
export async function acceptLosses(
  store: PayloadStore,
  request: ExportRequest & { readonly again: AskedAgain },
  target: Target,
): Promise<DamagedFile[]> {
  const { by, reason, after } = request.again;
  const warnings: DamagedFile[] = [];
  for await (const attempt of relevantAttempts(store, request, { ...target, resend: 'new' })) {
    if (attempt.ref.revision === request.revision && attempt.ref.attempt > after) continue;
    try {
      await addAttempt(store, new LabelsSeen(), attempt);
    } catch (error) {
      if (!(error instanceof ChangedFile)) throw error;
      await acceptLoss(store, attempt, { by, reason, at: nowIso(), lost: error.message });
      const message = `${error.message} ${by} asked for everything again: labels that it relabeled may be sent again.`;
      warnings.push({ warning: 'damaged-file', message });
    }
  }
  return warnings.slice(0, maxWarnings);
}

async function describeAllUnanswered(
  store: PayloadStore,
  labelsSeen: LabelsSeen,
  unreported: readonly Attempt[],
): Promise<string[]> {
  const messages: string[] = [];
  for (const attempt of unreported) {
    const message = await describeUnanswered(store, labelsSeen, attempt);
    if (message !== undefined) messages.push(message);
  }
  return messages;
}

/** Labels whose receipts were lost before the report was written, and that no other attempt has relabeled. */
async function describeLostReceipts(
  store: PayloadStore,
  labelsSeen: LabelsSeen,
  reports: readonly ReportHead[],
): Promise<string[]> {
  const messages: string[] = [];
  for (const report of reports) {
    const lost = report.lostReceipts ?? [];
    const labels = await countNotRelabeled(readReportLabels(store, report), lost, labelsSeen);
    if (labels > 0)
      messages.push(
        `${pluralize(labels, 'label')} of attempt ${report.attempt} at revision ${report.revision} (request ${report.requestId}) lost their receipts before its report was written: they were sent, the report shows them as unconfirmed, and this plan may send them again.`,
      );
  }
  return messages;
}

/** Attempts of which so little is left that not even their destination is known. */
async function describeVanished(
  store: PayloadStore,
  { issueId, revision, again }: ExportRequest,
  { resend }: Target,
): Promise<string[]> {
  const vanished = await findVanishedAttempts(store, issueId, { revision, after: again?.after ?? 0 });
  return vanished
    .filter(({ ref }) => resend === 'new' || ref.revision === revision)
    .map(
      ({ ref, shownBy }) =>
        `plan.json, receipts/ and report.json of attempt ${ref.attempt} at revision ${ref.revision} are missing from the payload store; ${shownBy} shows that there was one. Labels that it relabeled may be sent again.`,
    );
}

async function* relevantAttempts(
  store: PayloadStore,
  request: ExportRequest,
  target: Target,
): AsyncGenerator<Attempt> {
  for (const revision of await revisionsToRead(store, request, target))
    for (const attempt of await listAttempts(store, request.issueId, revision))
      if (isRelevant(attempt, request, target)) yield attempt;
}

async function revisionsToRead(
  store: PayloadStore,
  { issueId, revision }: ExportRequest,
  { resend }: Target,
): Promise<string[]> {
  if (resend === 'all') return [revision];
  return listRevisions(store, issueId);
}

/** An attempt of which neither plan nor report can be read may be relevant. */
function isRelevant(
  { plan, report, changed, hasReceipts }: Attempt,
  { requestId, sha256 }: ExportRequest,
  target: Target,
): boolean {
  const about = plan ?? report;
  if (!about) return hasReceipts || changed !== undefined;
  if (about.destination === undefined) return hasReceipts; // a report of a request without a plan
  return (
    about.requestId !== requestId &&
    about.destination === target.destination &&
    (about.destinationProject ?? target.destinationProject) === target.destinationProject &&
    (target.resend === 'new' || about.sha256 === sha256)
  );
}

/** @returns a warning when the attempt's files are damaged. */
async function addAttempt(
  store: PayloadStore,
  labelsSeen: LabelsSeen,
  attempt: Attempt,
): Promise<string | undefined> {
  const files = await receiptFiles(store, attempt.ref);
  const found = await findDamage(store, attempt, files);
  const changed = await addReceipts(store, labelsSeen, attempt, files);
  const damaged = found?.kind === 'unknown' ? found.file : changed;
  if (!damaged) return found?.file.message;
  if (attempt.report && (await isReportUnchanged(store, attempt.ref, 'json'))) {
    await addReported(store, labelsSeen, attempt.report);
    return `${damaged.message} What the attempt relabeled is known from its report${attempt.report.receipts ? '' : `, which has no hash (request ${attempt.report.requestId})`}.`;
  }
  const note = await checkLossNote(store, attempt);
  if (!note) throw damaged;
  if (note instanceof ChangedFile) throw note;
  return `${damaged.message} ${note.by} accepted that: labels that it relabeled may be sent again.`;
}

/**
 * Adds every receipt that can be read, also those that the report was not made from: each may show labels that were
 * relabeled.
 * @returns an error about the first receipt that was changed, or about receipts that the report was not made from.
 */
async function addReceipts(
  store: PayloadStore,
  labelsSeen: LabelsSeen,
  { ref, report }: Attempt,
  files: readonly ReceiptFile[],
): Promise<ChangedFile | undefined> {
  const digest = new ReceiptsDigest(report?.receipts ?? []);
  let changed: ChangedFile | undefined;
  for (const file of files) {
    if (file.kind !== 'receipt') continue;
    const receipt = await orChanged(readReceipt(store, ref, file));
    if (receipt instanceof ChangedFile) changed ??= receipt;
    else {
      digest.add(receipt);
      addItems(labelsSeen, ref, receipt);
    }
  }
  const isOther = report?.receiptsSha256 !== undefined && digest.finish() !== report.receiptsSha256;
  return changed ?? (isOther ? new ChangedFile(ref, receiptsFolder(ref), otherReceipts) : undefined);
}

const otherReceipts = 'has another version of a receipt than its report was made from';

function addItems(labelsSeen: LabelsSeen, ref: AttemptRef, { answeredAt, items }: Receipt): void {
  stopIfCancelled();
  for (const { labelId, outcome } of items) addLabel(labelsSeen, ref, labelId, outcome, answeredAt);
}

async function addReported(store: PayloadStore, labelsSeen: LabelsSeen, report: ReportHead): Promise<void> {
  for await (const { labelId, outcome, at } of readReportLabels(store, report)) {
    stopIfCancelled();
    if (outcome !== 'withheld') addLabel(labelsSeen, report, labelId, outcome, at ?? '');
  }
}

/**
 * The detail contains only the day, so that few details differ: `LabelsSeen` keeps every different detail.
 */
function addLabel(
  labelsSeen: LabelsSeen,
  { revision }: AttemptRef,
  labelId: string,
  outcome: LabelOutcome,
  at: string,
): void {
  const done = finishedAs(outcome);
  if (done !== undefined)
    labelsSeen.addRelabeled(labelId, `Revision ${revision} ${done} on ${at.slice(0, 10)}.`);
}
