import { createHash } from 'node:crypto';
import type { AttemptRef } from '../domain/attempt-ref';
import type { Range, Receipt } from '../domain/receipt';
import type { PayloadStore } from './payload-store';
import { readUnchangedReceipt, receiptFiles } from './receipts';

/**
 * A digest of an attempt's receipts. Each receipt has a hash of its own, which an earlier version of the same receipt
 * has too: only a digest that is kept elsewhere shows that a receipt is not the one that was read before.
 */
export class ReceiptsDigest {
  private readonly hash = createHash('sha256');
  private next = 0;

  /** @param positions merged and sorted; receipts that are not inside one of them don't count. */
  constructor(private readonly positions: readonly Range[]) {}

  /** Add receipts in the order of `receiptFiles`. */
  add(receipt: Receipt): void {
    if (this.isInside(receipt)) this.hash.update(`${JSON.stringify(receipt)}\n`, 'utf8');
  }

  /** @returns the sha256, in hex. Call it once, after the last receipt. */
  finish(): string {
    return this.hash.digest('hex');
  }

  private isInside({ from, to }: Range): boolean {
    while ((this.positions[this.next]?.to ?? Infinity) <= from) this.next += 1;
    const around = this.positions[this.next];
    return around !== undefined && around.from <= from && to <= around.to;
  }
}

/**
 * Reads an attempt's receipts. Those that were changed don't count.
 * @param positions merged and sorted.
 * @param onReceipt called before each receipt is read.
 */
export async function hashReceipts(
  store: PayloadStore,
  ref: AttemptRef,
  positions: readonly Range[],
  onReceipt: () => void = () => undefined,
): Promise<string> {
  const digest = new ReceiptsDigest(positions);
  for (const file of await receiptFiles(store, ref)) {
    onReceipt();
    const receipt = file.kind === 'receipt' ? await readUnchangedReceipt(store, ref, file) : undefined;
    if (receipt) digest.add(receipt);
  }
  return digest.finish();
}
