import type { Range, Receipt } from '../domain/receipt';
import { type AttemptRef, receiptKey, receiptsFolder, sentKey } from './keys';
import { PayloadNotFound, type PayloadStore } from './payload-store';
import { readJson, writeJson } from './read-whole';
import { ChangedFile } from './changed-file';

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
  const files = (await store.list(receiptsFolder(ref))).map(fileOf).filter((file) => file !== undefined);
  return files.sort((a, b) => a.from - b.from || a.to - b.to);
}

/** The same of one range alone, without a look at the folder: it may have a hundred thousand files. */
export async function receiptFilesOf(store: PayloadStore, ref: AttemptRef, { from, to }: Range): Promise<ReceiptFile[]> {
  const [receipt, sent] = await Promise.all([isThere(store, receiptKey(ref, { from, to })), isThere(store, sentKey(ref, { from, to }))]);
  return [...(receipt ? [{ from, to, kind: 'receipt' as const }] : []), ...(sent ? [{ from, to, kind: 'sent' as const }] : [])];
}

/** @throws {PayloadNotFound} @throws {ChangedFile} when it is not the receipt of this range, whole. */
export async function readReceipt(store: PayloadStore, ref: AttemptRef, range: Range): Promise<Receipt> {
  const receipt = await parsed<Partial<Receipt> | null>(store, ref, receiptKey(ref, range));
  const whole =
    receipt?.version === 1 &&
    receipt.from === range.from &&
    receipt.to === range.to &&
    Array.isArray(receipt.items) &&
    receipt.items.length === range.to - range.from;
  if (!whole) throw new ChangedFile(ref, receiptKey(ref, range), 'does not hold an outcome for each of its labels: it was changed');
  return receipt as Receipt;
}

/** The sent-mark of exactly this range; undefined when there is none that can be read. */
export async function readSentMark(store: PayloadStore, ref: AttemptRef, range: Range): Promise<SentMark | undefined> {
  try {
    return await parsed<SentMark>(store, ref, sentKey(ref, range));
  } catch (error) {
    if (error instanceof PayloadNotFound || error instanceof ChangedFile) return undefined;
    throw error;
  }
}

export async function writeSentMark(store: PayloadStore, ref: AttemptRef, range: Range, mark: SentMark): Promise<void> {
  await writeJson(store, sentKey(ref, range), mark);
}

function fileOf(name: string): ReceiptFile | undefined {
  const match = /^(\d+)-(\d+)\.(sent|json)$/.exec(name);
  return match ? { from: Number(match[1]), to: Number(match[2]), kind: match[3] === 'sent' ? 'sent' : 'receipt' } : undefined;
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

async function parsed<T>(store: PayloadStore, ref: AttemptRef, key: string): Promise<T> {
  try {
    return await readJson<T>(store, key);
  } catch (error) {
    // JSON.parse's own words may hold label ids, so they stop here.
    if (error instanceof Error && error.cause instanceof SyntaxError)
      throw new ChangedFile(ref, key, 'is not whole JSON: it was changed or cut off');
    throw error;
  }
}
