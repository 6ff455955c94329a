import { isLabelOutcome } from '../domain/label-outcome';
import type { AttemptRef } from '../domain/attempt-ref';
import { subtractRanges } from '../domain/ranges';
import type { ItemOutcome, Range, Receipt } from '../domain/receipt';
import { ChangedFile } from './changed-file';
import { createHashedJson, readHashedJson, withoutHash, writeHashedJson } from './hashed-json';
import { receiptKey, receiptsFolder, reportKey, sentKey } from './keys';
import { PayloadNotFound, type PayloadStore } from './payload-store';
import { objectExists, readJson } from './small-objects';

/** A receipt contains its own hash: Requeue notices a changed outcome or label id even in valid JSON. */
const hashName = 'receiptSha256';
/** The key of the hash in a sent-mark. */
export const markHashName = 'markSha256';

/** A file in `receipts/`: a sent-mark or a receipt. */
export interface ReceiptFile extends Range {
  readonly kind: 'sent' | 'receipt';
}

/**
 * `receipts/<from>-<to>.sent`. Written before the call, and removed when the call certainly had no effect.
 */
export interface SentMark {
  readonly version: 1;
  readonly sentAt: string;
  /** How many calls got no answer. */
  readonly noAnswers: number;
  /** Equal server errors in a row. */
  readonly serverErrors?: ServerErrors;
  /** Another call for the same labels was made before this one, and its effect is unknown. */
  readonly repeats?: true;
  readonly owner: MarkOwner;
}

export interface ServerErrors {
  /** Requeue's sentence about each of them. */
  readonly because: string;
  readonly count: number;
}

/** The attempt of an activity that wrote a sent-mark. Not an attempt at exporting a revision. */
export interface MarkOwner {
  /** Unique across runs: `<run id>/<activity id>`. */
  readonly activity: string;
  /** Temporal's number of the attempt, from 1. An operator's reset of the activity starts again at 1. */
  readonly attempt: number;
  /** When Temporal scheduled the attempt: Temporal's clock, ms since 1970. */
  readonly scheduledAt: number;
}

/** Lists an attempt's receipts and sent-marks, sorted by `from`, then `to`. */
export async function receiptFiles(store: PayloadStore, ref: AttemptRef): Promise<ReceiptFile[]> {
  const files = (await store.list(receiptsFolder(ref)))
    .map(parseFileName)
    .filter((file) => file !== undefined);
  return files.sort((a, b) => a.from - b.from || a.to - b.to);
}

/**
 * Like `receiptFiles`, but for one range. Doesn't list the folder, which may have a hundred thousand files.
 */
export async function receiptFilesForRange(
  store: PayloadStore,
  ref: AttemptRef,
  { from, to }: Range,
): Promise<ReceiptFile[]> {
  const [receipt, sent] = await Promise.all([
    objectExists(store, receiptKey(ref, { from, to })),
    objectExists(store, sentKey(ref, { from, to })),
  ]);
  return [
    ...(receipt ? [{ from, to, kind: 'receipt' as const }] : []),
    ...(sent ? [{ from, to, kind: 'sent' as const }] : []),
  ];
}

/**
 * @param answered positions with an outcome.
 * @param files of the attempt's `receiptFiles`.
 * @returns an error that names the first positions without a receipt; undefined when none is missing.
 */
export function findMissingReceipt(
  ref: AttemptRef,
  answered: readonly Range[],
  files: readonly ReceiptFile[],
): ChangedFile | undefined {
  const [missing] = subtractRanges(
    answered,
    files.filter(({ kind }) => kind === 'receipt'),
  );
  return (
    missing &&
    new ChangedFile(ref, receiptsFolder(ref), `has no receipt of labels ${missing.from + 1}-${missing.to}`)
  );
}

/** @returns false when the range has a receipt, which then stays as it is. */
export async function createReceipt(
  store: PayloadStore,
  ref: AttemptRef,
  receipt: Receipt,
): Promise<boolean> {
  return createHashedJson(store, receiptKey(ref, receipt), hashName, receipt);
}

export async function writeReceipt(store: PayloadStore, ref: AttemptRef, receipt: Receipt): Promise<void> {
  await writeHashedJson(store, receiptKey(ref, receipt), hashName, receipt);
}

/**
 * @throws {PayloadNotFound}
 * @throws {ChangedFile} when the file was changed or truncated, or is another range's receipt.
 */
export async function readReceipt(store: PayloadStore, ref: AttemptRef, range: Range): Promise<Receipt> {
  const content = await readHashedJson(store, ref, receiptKey(ref, range), hashName);
  const receipt = content as Partial<Receipt>;
  const isComplete =
    receipt.version === 1 &&
    receipt.from === range.from &&
    receipt.to === range.to &&
    Array.isArray(receipt.items) &&
    receipt.items.length === range.to - range.from &&
    receipt.items.every(isOutcome);
  if (!isComplete)
    throw new ChangedFile(ref, receiptKey(ref, range), 'does not have one outcome per label: it was changed');
  return receipt as Receipt;
}

/**
 * @returns undefined when the receipt was changed or truncated, because Requeue must not act on such a
 *   receipt.
 * @throws {PayloadNotFound}
 */
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
 * The existence of a sent-mark alone means that the call may have been made. Its content only provides the time
 * and decides when to split the chunk into smaller calls. A mark of an earlier version has no hash.
 * @returns the sent-mark of exactly this range; undefined when it is missing or was changed.
 */
export async function readSentMark(
  store: PayloadStore,
  ref: AttemptRef,
  range: Range,
): Promise<SentMark | undefined> {
  try {
    const stored = await readJson<Partial<SentMark> | null>(store, sentKey(ref, range));
    const mark = stored ? withoutHash(sentKey(ref, range), markHashName, stored) : undefined;
    const isComplete =
      typeof mark?.sentAt === 'string' && Number.isSafeInteger(mark.noAnswers) && isOwner(mark.owner);
    return isComplete ? (mark as SentMark) : undefined;
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
  await writeHashedJson(store, sentKey(ref, range), markHashName, mark);
}

/** @returns false when the range has a sent-mark, which then stays as it is. */
export async function createSentMark(
  store: PayloadStore,
  ref: AttemptRef,
  range: Range,
  mark: SentMark,
): Promise<boolean> {
  return createHashedJson(store, sentKey(ref, range), markHashName, mark);
}

/** @returns false also for a receipt that was changed or truncated. */
export async function hasUnchangedReceipt(
  store: PayloadStore,
  ref: AttemptRef,
  range: Range,
): Promise<boolean> {
  try {
    return (await readUnchangedReceipt(store, ref, range)) !== undefined;
  } catch (error) {
    if (error instanceof PayloadNotFound) return false;
    throw error;
  }
}

/** From then on no receipt is replaced: the report is made from the receipts. */
export function hasReport(store: PayloadStore, ref: AttemptRef): Promise<boolean> {
  return objectExists(store, reportKey(ref));
}

function isOwner(owner: Partial<MarkOwner> | undefined): boolean {
  return (
    typeof owner?.activity === 'string' &&
    Number.isSafeInteger(owner.attempt) &&
    Number.isSafeInteger(owner.scheduledAt)
  );
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
