import type { AttemptRef } from '../../domain/attempt-ref';
import { countOutcomes, type LabelOutcome } from '../../domain/label-outcome';
import type { PayloadStore } from '../../payloads/payload-store';
import { readUnchangedReceipt, type ReceiptFile } from '../../payloads/receipts';
import type { PreparedPlan } from '../contracts';
import { stopIfCancelled } from '../heartbeating';

/**
 * What an earlier run did: the labels from the first on that have receipts. They were let go once; a run that
 * goes on after a lost database neither asks about them nor sends them again. A receipt that was changed ends
 * them.
 */
export async function readFinishedLabels(
  store: PayloadStore,
  ref: AttemptRef,
  files: readonly ReceiptFile[],
): Promise<NonNullable<PreparedPlan['finished']>> {
  const outcomes: LabelOutcome[] = [];
  let chunks = 0;
  for (const file of files) {
    stopIfCancelled();
    if (file.kind !== 'receipt' || file.to <= outcomes.length) continue;
    const receipt = file.from <= outcomes.length ? await readUnchangedReceipt(store, ref, file) : undefined;
    if (!receipt) break;
    for (const { outcome } of receipt.items.slice(outcomes.length - file.from)) outcomes.push(outcome);
    chunks += 1;
  }
  return { upTo: outcomes.length, chunks, counts: countOutcomes(outcomes) };
}
