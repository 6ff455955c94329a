import type { AttemptRef } from '../../domain/attempt-ref';
import { finishedAs, type LabelOutcome } from '../../domain/label-outcome';
import type { SelectionOptions } from '../../domain/plan';
import type { ExportRequest } from '../../domain/request';
import { isShortRevision } from '../../domain/revision';
import { type Attempt, listAttempts } from '../../payloads/attempts';
import { ChangedFile } from '../../payloads/changed-file';
import { issueFolder } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { readReceipt, receiptFiles } from '../../payloads/receipts';
import { readReportLabels } from '../../payloads/report-content';
import { stopIfCancelled } from '../heartbeating';
import { findDamage } from './find-damage';
import { LabelsSeen } from './labels-seen';

interface Target extends Pick<SelectionOptions, 'resend'> {
  readonly destination: string;
  readonly destinationProject: string;
}

/** What earlier attempts of an issue have relabeled. */
export interface AlreadyRelabeled {
  readonly labelsSeen: LabelsSeen;
  /** Sentences about files that are missing or were changed, although nothing is unknown because of them. */
  readonly warnings: readonly string[];
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
  const warnings: string[] = [];
  for (const revision of await listRevisions(store, request, target)) {
    for (const attempt of await listAttempts(store, request.issueId, revision)) {
      if (!isRelevant(attempt, request, target)) continue;
      const warning = await addAttempt(store, labelsSeen, attempt);
      if (warning !== undefined) warnings.push(warning);
    }
  }
  return { labelsSeen, warnings };
}

async function listRevisions(
  store: PayloadStore,
  { issueId, revision }: ExportRequest,
  { resend }: Target,
): Promise<string[]> {
  if (resend === 'all') return [revision];
  return (await store.list(issueFolder(issueId))).filter(isShortRevision);
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
  const found = await findDamage(store, attempt);
  const damaged = found?.kind === 'unknown' ? found.file : await addReceipts(store, labelsSeen, attempt.ref);
  if (!damaged) return found?.file.message;
  if (!attempt.report) throw damaged;
  try {
    await addReported(store, labelsSeen, attempt.ref);
  } catch (error) {
    throw error instanceof ChangedFile ? damaged : error;
  }
  return `${damaged.message} What the attempt relabeled is known from its report.`;
}

/** @returns an error about the first receipt that was changed, if there is one. */
async function addReceipts(
  store: PayloadStore,
  labelsSeen: LabelsSeen,
  ref: AttemptRef,
): Promise<ChangedFile | undefined> {
  try {
    for (const file of await receiptFiles(store, ref)) {
      stopIfCancelled();
      if (file.kind !== 'receipt') continue;
      const { answeredAt, items } = await readReceipt(store, ref, file);
      for (const { labelId, outcome } of items) addLabel(labelsSeen, ref, labelId, outcome, answeredAt);
    }
    return undefined;
  } catch (error) {
    if (error instanceof ChangedFile) return error;
    throw error;
  }
}

async function addReported(store: PayloadStore, labelsSeen: LabelsSeen, ref: AttemptRef): Promise<void> {
  for await (const { labelId, outcome, at } of readReportLabels(store, ref)) {
    stopIfCancelled();
    if (outcome !== 'withheld') addLabel(labelsSeen, ref, labelId, outcome, at ?? '');
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
