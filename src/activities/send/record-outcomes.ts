import { countOutcomes } from '../../domain/label-outcome';
import type { Range, Receipt } from '../../domain/receipt';
import { writeReceipt } from '../../payloads/receipts';
import type { ChunkResult } from '../contracts';
import type { LabelingCall, RelabelChunkDeps } from './labeling-call';

/** Writes the receipt of a call. The receipt is durable when this returns. */
export async function recordOutcomes(
  { store }: Pick<RelabelChunkDeps, 'store'>,
  { ref, range, sentAt, items }: LabelingCall,
  answer: Pick<Receipt, 'repeated' | 'reported' | 'items'>,
): Promise<ChunkResult> {
  const receipt: Receipt = {
    version: 1,
    ...range,
    sentAt,
    answeredAt: new Date().toISOString(),
    requested: items.length,
    ...answer,
  };
  await writeReceipt(store, ref, receipt);
  return countReceipt(receipt, range);
}

/** Counts the outcomes from `from` to the end of the range or of the receipt, whichever comes first. */
export function countReceipt(receipt: Receipt, { from, to }: Range): ChunkResult {
  const upTo = Math.min(receipt.to, to);
  const items = receipt.items.slice(from - receipt.from, upTo - receipt.from);
  return { kind: 'done', upTo, ...countOutcomes(items.map(({ outcome }) => outcome)) };
}
