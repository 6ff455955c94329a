import type { SelectionOptions } from '../domain/plan';
import { LabelTable } from '../domain/label-table';
import type { Receipt } from '../domain/receipt';
import type { ExportRequest } from '../domain/request';
import { issueFolder, receiptKey } from '../payloads/keys';
import type { PayloadStore } from '../payloads/payload-store';
import { readJson } from '../payloads/read-whole';
import { type Attempt, attemptsOf, receiptFiles } from './attempts';

/** Labels that earlier attempts of an issue relabeled. */
export interface EarlierLabels {
  /** Which revision did it and when, or undefined for a label that is still to be done. */
  detailOf(labelId: string): string | undefined;
}

interface Where extends Pick<SelectionOptions, 'resend'> {
  readonly destination: string;
  readonly destinationProject: string;
}

/**
 * What earlier attempts of this issue relabeled, or found gone, at the same destination project. With `resend: all` only
 * attempts at the same body count: what another revision did is sent again.
 */
export async function alreadyRelabeled(store: PayloadStore, request: ExportRequest, where: Where): Promise<EarlierLabels> {
  const table = new LabelTable();
  const details: string[] = [];
  for (const attempt of await earlierAttempts(store, request, where)) {
    for (const range of await receiptFiles(store, attempt.ref)) {
      if (range.kind !== 'receipt') continue;
      const receipt = await readJson<Receipt>(store, receiptKey(attempt.ref, range));
      details.push(`Revision ${attempt.ref.revision} relabeled it on ${receipt.answeredAt}.`);
      for (const item of receipt.items) {
        if (item.outcome === 'relabeled' || item.outcome === 'already-gone') table.add(item.labelId, details.length - 1);
      }
    }
  }
  return {
    detailOf: (labelId) => {
      const found = table.get(labelId);
      return found === undefined ? undefined : details[found];
    },
  };
}

async function earlierAttempts(store: PayloadStore, request: ExportRequest, where: Where): Promise<Attempt[]> {
  const revisions = where.resend === 'new' ? await store.list(issueFolder(request.issueId)) : [request.revision];
  const attempts: Attempt[] = [];
  for (const revision of revisions.filter((name) => /^[0-9a-f]{12}$/.test(name))) {
    attempts.push(...(await attemptsOf(store, request.issueId, revision)));
  }
  return attempts.filter(
    ({ plan }) =>
      plan !== undefined &&
      plan.requestId !== request.requestId &&
      plan.destination === where.destination &&
      plan.destinationProject === where.destinationProject &&
      (where.resend === 'new' || plan.sha256 === request.sha256),
  );
}
