import { isLabelOutcome } from '../domain/label-outcome';
import type { AttemptRef } from '../domain/attempt-ref';
import type { ItemOutcome, Range, Receipt } from '../domain/receipt';
import { ChangedFile } from './changed-file';
import { readHashedJson, writeHashedJson } from './hashed-json';
import { receiptKey, receiptsFolder, sentKey } from './keys';
import { PayloadNotFound, type PayloadStore } from './payload-store';
import { readJson, writeJson } from './small-objects';

/** A receipt names its own hash: a changed outcome or label id that is still JSON would be believed else. */
const hashName = 'receiptSha256';

/** A file in `receipts/`: what was sent, or what was answered. */
export interface ReceiptFile extends Range {
  readonly kind: 'sent' | 'receipt';
}

/** `receipts/<from>-<to>.sent`: on disk before the call. It goes again when the call surely had no effect. */
export interface SentMark {
  readonly version: 1;
  readonly sentAt: string;
  /** How often the call was made and no answer came. */
  readonly noAnswers: number;
}

/** Receipts and sent-marks of an attempt, by `from`. */
export async function receiptFiles(store: PayloadStore, ref: AttemptRef): Promise<ReceiptFile[]> {
  const files = (await store.list(receiptsFolder(ref)))
    .map(parseFileName)
    .filter((file) => file !== undefined);
  return files.sort((a, b) => a.from - b.from || a.to - b.to);
}

/** The same of one range alone, without a look at the folder: it may have a hundred thousand files. */
export async function receiptFilesForRange(
  store: PayloadStore,
  ref: AttemptRef,
  { from, to }: Range,
): Promise<ReceiptFile[]> {
  const [receipt, sent] = await Promise.all([
    isThere(store, receiptKey(ref, { from, to })),
    isThere(store, sentKey(ref, { from, to })),
  ]);
  return [
    ...(receipt ? [{ from, to, kind: 'receipt' as const }] : []),
    ...(sent ? [{ from, to, kind: 'sent' as const }] : []),
  ];
}

export async function writeReceipt(store: PayloadStore, ref: AttemptRef, receipt: Receipt): Promise<void> {
  await writeHashedJson(store, receiptKey(ref, receipt), hashName, receipt);
}

/** @throws {PayloadNotFound} @throws {ChangedFile} when it is not the receipt of this range, whole and as it was written. */
export async function readReceipt(store: PayloadStore, ref: AttemptRef, range: Range): Promise<Receipt> {
  const content = await readHashedJson(store, ref, receiptKey(ref, range), hashName);
  const receipt = content as Partial<Receipt>;
  const whole =
    receipt.version === 1 &&
    receipt.from === range.from &&
    receipt.to === range.to &&
    Array.isArray(receipt.items) &&
    receipt.items.length === range.to - range.from &&
    receipt.items.every(isOutcome);
  if (!whole)
    throw new ChangedFile(
      ref,
      receiptKey(ref, range),
      'does not hold an outcome for each of its labels: it was changed',
    );
  return receipt as Receipt;
}

/** The same; undefined when it was changed or cut off: nothing is done on its word. @throws {PayloadNotFound} */
export async function readUnchangedReceipt(
  store: PayloadStore,
  ref: AttemptRef,
  range: Range,
): Promise<Receipt | undefined> {
  try {
    return await readReceipt(store, ref, range);
  } catch (error) {
    if (error instanceof ChangedFile) return undefined;
    throw error;
  }
}

/**
 * The sent-mark of exactly this range; undefined when there is none that can be read. It names no hash: that it is there says that
 * the labels were sent, whatever stands in it, and its numbers only tell when, and whether a smaller call is tried.
 */
export async function readSentMark(
  store: PayloadStore,
  ref: AttemptRef,
  range: Range,
): Promise<SentMark | undefined> {
  try {
    const mark = await readJson<Partial<SentMark> | null>(store, sentKey(ref, range));
    return typeof mark?.sentAt === 'string' && Number.isSafeInteger(mark.noAnswers)
      ? (mark as SentMark)
      : undefined;
  } catch (error) {
    if (error instanceof PayloadNotFound || (error instanceof Error && error.cause instanceof SyntaxError))
      return undefined;
    throw error;
  }
}

export async function writeSentMark(
  store: PayloadStore,
  ref: AttemptRef,
  range: Range,
  mark: SentMark,
): Promise<void> {
  await writeJson(store, sentKey(ref, range), mark);
}

function isOutcome(item: Partial<ItemOutcome> | null): boolean {
  return typeof item?.labelId === 'string' && isLabelOutcome(item.outcome);
}

function parseFileName(name: string): ReceiptFile | undefined {
  const match = /^(\d+)-(\d+)\.(sent|json)$/.exec(name);
  return match
    ? { from: Number(match[1]), to: Number(match[2]), kind: match[3] === 'sent' ? 'sent' : 'receipt' }
    : undefined;
}

async function isThere(store: PayloadStore, key: string): Promise<boolean> {
  try {
    await store.size(key);
    return true;
  } catch (error) {
    if (error instanceof PayloadNotFound) return false;
    throw error;
  }
}
