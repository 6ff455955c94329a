import type { SelectionOptions } from '../../domain/plan';
import type { Receipt } from '../../domain/receipt';
import type { ExportRequest } from '../../domain/request';
import { issueFolder } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { listAttempts } from '../../payloads/attempts';
import { stopIfCancelled } from '../heartbeating';
import { LabelsSeen } from './labels-seen';
import { readReceipt, receiptFiles } from '../../payloads/receipts';

interface Where extends Pick<SelectionOptions, 'resend'> {
  readonly destination: string;
  readonly destinationProject: string;
}

/**
 * What earlier attempts of this issue relabeled, or found gone, at the same destination project: read from
 * their receipts, one at a time. With `resend: all` only attempts at the same body count: what another
 * revision did is sent again.
 * @throws {ChangedFile} when one of them cannot be read: sending its labels again could undo a person's work.
 */
export async function findAlreadyRelabeled(
  store: PayloadStore,
  request: ExportRequest,
  where: Where,
): Promise<LabelsSeen> {
  const seen = new LabelsSeen();
  for (const revision of await revisions(store, request, where)) {
    for (const { ref, plan, changed } of await listAttempts(store, request.issueId, revision)) {
      if (changed) throw changed;
      const counts =
        plan !== undefined &&
        plan.requestId !== request.requestId &&
        plan.destination === where.destination &&
        plan.destinationProject === where.destinationProject &&
        (where.resend === 'new' || plan.sha256 === request.sha256);
      if (!counts) continue;
      for (const file of await receiptFiles(store, ref)) {
        stopIfCancelled();
        if (file.kind === 'receipt') remember(seen, revision, await readReceipt(store, ref, file));
      }
    }
  }
  return seen;
}

async function revisions(store: PayloadStore, request: ExportRequest, where: Where): Promise<string[]> {
  if (where.resend === 'all') return [request.revision];
  return (await store.list(issueFolder(request.issueId))).filter((name) => /^[0-9a-f]{12}$/.test(name));
}

/** By the day: a detail an instant would be one for every receipt. */
function remember(seen: LabelsSeen, revision: string, { answeredAt, items }: Receipt): void {
  const day = answeredAt.slice(0, 10);
  for (const { labelId, outcome } of items) {
    if (outcome === 'relabeled') seen.relabeled(labelId, `Revision ${revision} relabeled it on ${day}.`);
    if (outcome === 'already-gone')
      seen.relabeled(labelId, `Revision ${revision} found it relabeled already on ${day}.`);
  }
}
