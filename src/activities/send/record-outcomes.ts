import { log } from '@temporalio/activity';
import { nowIso } from '../../clock/clock';
import { joinReceipts } from '../../domain/join-receipts';
import { countOutcomes } from '../../domain/label-outcome';
import type { Range, Receipt } from '../../domain/receipt';
import type { AttemptRef } from '../../domain/attempt-ref';
import type { PayloadStore } from '../../payloads/payload-store';
import { createReceipt, hasReport, readUnchangedReceipt, writeReceipt } from '../../payloads/receipts';
import type { ChunkResult } from '../contracts';
import type { LabelingCall, RelabelChunkDeps } from './labeling-call';

/**
 * Writes the receipt of a call. The receipt is durable when this returns. If another attempt has written one
 * for the range, the two are joined.
 */
export async function recordOutcomes(
  { store }: Pick<RelabelChunkDeps, 'store'>,
  { ref, range, sentAt, items }: Pick<LabelingCall, 'ref' | 'range' | 'sentAt' | 'items'>,
  answer: Pick<Receipt, 'repeated' | 'reported' | 'items'>,
): Promise<ChunkResult> {
  const receipt: Receipt = {
    version: 1,
    ...range,
    sentAt,
    answeredAt: nowIso(),
    requested: items.length,
    ...answer,
  };
  const isLate = await hasReport(store, ref);
  const isCreated = await createReceipt(store, ref, receipt);
  if (isCreated && isLate) logLateAnswer(ref, receipt, 'the new receipt does');
  return countReceipt(isCreated ? receipt : await joinWithExisting(store, ref, receipt), range);
}

/**
 * Once the report is written, the existing receipt stays as it is, because the report was made from it.
 * @returns the range's receipt.
 */
async function joinWithExisting(store: PayloadStore, ref: AttemptRef, receipt: Receipt): Promise<Receipt> {
  const existing = await readUnchangedReceipt(store, ref, receipt);
  if (await hasReport(store, ref)) {
    logLateAnswer(ref, receipt, 'the receipt stays as it is');
    return existing ?? receipt;
  }
  const joined = existing ? joinReceipts(existing, receipt) : { ...receipt, repeated: true };
  await writeReceipt(store, ref, joined);
  return joined;
}

/** For a receipt whose labels another attempt may have sent too, without a receipt of its own. */
export async function markRepeated(store: PayloadStore, ref: AttemptRef, range: Range): Promise<void> {
  const receipt = await readUnchangedReceipt(store, ref, range);
  if (!receipt || receipt.repeated || (await hasReport(store, ref))) return;
  await writeReceipt(store, ref, { ...receipt, repeated: true });
}

function logLateAnswer(ref: AttemptRef, receipt: Receipt, consequence: string): void {
  const { from, to, sentAt, answeredAt, items } = receipt;
  log.warn(
    `The labeling service answered for labels ${from + 1}-${to} after the report was written. The report does not show it; ${consequence}.`,
    { ...ref, sentAt, answeredAt, ...countOutcomes(items.map(({ outcome }) => outcome)) },
  );
}

/** Counts the outcomes from `from` to the end of the range or of the receipt, whichever comes first. */
export function countReceipt(receipt: Receipt, { from, to }: Range): ChunkResult {
  const upTo = Math.min(receipt.to, to);
  const items = receipt.items.slice(from - receipt.from, upTo - receipt.from);
  return { kind: 'done', upTo, ...countOutcomes(items.map(({ outcome }) => outcome)) };
}
