import { isShortRevision } from '../../domain/revision';
import { finishedAs } from '../../domain/label-outcome';
import type { SelectionOptions } from '../../domain/plan';
import type { Receipt } from '../../domain/receipt';
import type { ExportRequest } from '../../domain/request';
import { type Attempt, listAttempts } from '../../payloads/attempts';
import { issueFolder } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { readReceipt, receiptFiles } from '../../payloads/receipts';
import { stopIfCancelled } from '../heartbeating';
import { LabelsSeen } from './labels-seen';

interface Target extends Pick<SelectionOptions, 'resend'> {
  readonly destination: string;
  readonly destinationProject: string;
}

/**
 * Collects the labels that earlier attempts of this issue relabeled, or found already gone, at the same
 * destination project. Holds one receipt in memory at a time. With `resend: all`, only attempts with the same
 * body count.
 * @throws {ChangedFile} when an attempt or receipt is unreadable: sending its labels again could undo a
 *   person's work.
 */
export async function findAlreadyRelabeled(
  store: PayloadStore,
  request: ExportRequest,
  target: Target,
): Promise<LabelsSeen> {
  const labelsSeen = new LabelsSeen();
  for (const revision of await listRevisions(store, request, target)) {
    for (const attempt of await listAttempts(store, request.issueId, revision)) {
      if (attempt.changed) throw attempt.changed;
      if (!isRelevant(attempt, request, target)) continue;
      for (const file of await receiptFiles(store, attempt.ref)) {
        stopIfCancelled();
        if (file.kind === 'receipt')
          addLabels(labelsSeen, revision, await readReceipt(store, attempt.ref, file));
      }
    }
  }
  return labelsSeen;
}

async function listRevisions(
  store: PayloadStore,
  { issueId, revision }: ExportRequest,
  { resend }: Target,
): Promise<string[]> {
  if (resend === 'all') return [revision];
  return (await store.list(issueFolder(issueId))).filter(isShortRevision);
}

function isRelevant({ plan }: Attempt, { requestId, sha256 }: ExportRequest, target: Target): boolean {
  return (
    plan !== undefined &&
    plan.requestId !== requestId &&
    plan.destination === target.destination &&
    plan.destinationProject === target.destinationProject &&
    (target.resend === 'new' || plan.sha256 === sha256)
  );
}

/**
 * The detail contains only the day, so that few details differ: `LabelsSeen` keeps every different detail.
 */
function addLabels(labelsSeen: LabelsSeen, revision: string, { answeredAt, items }: Receipt): void {
  const day = answeredAt.slice(0, 10);
  for (const { labelId, outcome } of items) {
    const done = finishedAs(outcome);
    if (done !== undefined) labelsSeen.addRelabeled(labelId, `Revision ${revision} ${done} on ${day}.`);
  }
}
