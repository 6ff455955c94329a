import type { AttemptRef } from '../../domain/attempt-ref';
import type { Range, Receipt } from '../../domain/receipt';
import type { PayloadStore } from '../../payloads/payload-store';
import { ChangedFile } from '../../payloads/changed-file';
import { readReceipt, type ReceiptFile } from '../../payloads/receipts';

/** What receipts and sent-marks show about a range that is to be sent. */
export type Overlap =
  /** Its first label has a receipt. */
  | { readonly kind: 'answered'; readonly receipt: Receipt }
  /** Its first part, `range`, may be sent in one call. */
  | {
      readonly kind: 'open';
      readonly range: Range;
      /** A call that included all labels of `range` and has no readable receipt, so its effect is unknown. */
      readonly lost: Range | undefined;
    };

/**
 * Finds the next step for a range, given the files that may overlap it. A receipt that cannot be read counts
 * as a lost answer.
 */
export async function findOverlap(
  store: PayloadStore,
  ref: AttemptRef,
  { from, to }: Range,
  files: readonly ReceiptFile[],
): Promise<Overlap> {
  const receipts = files.filter(({ kind }) => kind === 'receipt');
  const lost = files.filter(
    (file) => file.kind === 'sent' && !receipts.some((receipt) => isSame(receipt, file)),
  );
  for (const file of receipts.filter((receipt) => covers(receipt, from))) {
    const receipt = await unlessChanged(() => readReceipt(store, ref, file));
    if (receipt) return { kind: 'answered', receipt };
    lost.push(file);
  }
  const boundaries = [...receipts.map((file) => file.from), ...lost.flatMap((file) => [file.from, file.to])];
  const end = boundaries.reduce(
    (nearest, boundary) => (boundary > from && boundary < nearest ? boundary : nearest),
    to,
  );
  return { kind: 'open', range: { from, to: end }, lost: lost.find((file) => covers(file, from)) };
}

function covers(range: Range, position: number): boolean {
  return range.from <= position && position < range.to;
}

function isSame(a: Range, b: Range): boolean {
  return a.from === b.from && a.to === b.to;
}

async function unlessChanged<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ChangedFile) return undefined;
    throw error;
  }
}
