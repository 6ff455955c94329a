import type { AttemptRef } from '../../domain/attempt-ref';
import { countOutcomes, type LabelOutcome } from '../../domain/label-outcome';
import type { PayloadStore } from '../../payloads/payload-store';
import { readUnchangedReceipt, type ReceiptFile } from '../../payloads/receipts';
import type { PreparedPlan } from '../contracts';
import { stopIfCancelled } from '../heartbeating';

/**
 * Counts the labels from the first one on, without a gap, that have receipts from an earlier run. They were
 * approved then, so a run that continues after Temporal's database was lost neither asks about them nor sends
 * them again. Stops at a changed receipt.
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
