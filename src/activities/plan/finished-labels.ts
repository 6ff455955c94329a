import type { AttemptRef } from '../../domain/attempt-ref';
import type { ItemOutcomeKind } from '../../domain/receipt';
import type { PayloadStore } from '../../payloads/payload-store';
import { readUnchangedReceipt, type ReceiptFile } from '../../payloads/receipts';
import type { PreparedPlan } from '../contracts';
import { stopIfCancelled } from '../heartbeating';

/**
 * What an earlier run did: the labels from the first on that have receipts. They were let go once; a run that goes on after a lost
 * database neither asks about them nor sends them again. A receipt that was changed ends them.
 */
export async function readFinishedLabels(
  store: PayloadStore,
  ref: AttemptRef,
  files: readonly ReceiptFile[],
): Promise<NonNullable<PreparedPlan['finished']>> {
  const kinds: ItemOutcomeKind[] = [];
  let chunks = 0;
  for (const file of files) {
    stopIfCancelled();
    if (file.kind !== 'receipt' || file.to <= kinds.length) continue;
    const receipt = file.from <= kinds.length ? await readUnchangedReceipt(store, ref, file) : undefined;
    if (!receipt) break;
    for (const { outcome } of receipt.items.slice(kinds.length - file.from)) kinds.push(outcome);
    chunks += 1;
  }
  const count = (kind: ItemOutcomeKind): number =>
    kinds.reduce((sum, other) => sum + (other === kind ? 1 : 0), 0);
  const counts = {
    relabeled: count('relabeled'),
    alreadyGone: count('already-gone'),
    refused: count('refused'),
    unconfirmed: count('unconfirmed'),
  };
  return { upTo: kinds.length, chunks, counts };
}
