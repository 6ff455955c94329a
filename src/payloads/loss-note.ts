import type { AttemptRef } from '../domain/attempt-ref';
import { mergeRanges, subtractRanges } from '../domain/ranges';
import type { Range } from '../domain/receipt';
import type { Attempt } from './attempts';
import { ChangedFile } from './changed-file';
import { describePositions } from './describe-positions';
import { readHashedJson, recordHashName, writeHashedJson } from './hashed-json';
import { lossNoteKey, planKey, receiptsFolder, reportKey } from './keys';
import { PayloadNotFound, type PayloadStore } from './payload-store';
import { readUnchangedReceipt, receiptFiles } from './receipts';
import { hashReceipts } from './receipts-digest';
import { isReportUnchanged } from './report-content';

/**
 * `lost.json`: files of an attempt are missing or were changed, and an operator has accepted that. What is left of its
 * receipts still counts. It accepts nothing that is lost later.
 */
export interface LossNote extends Acceptance {
  readonly version: 1;
  /** What was missing or changed, apart from receipts. */
  readonly files: readonly LosableFile[];
  /** Positions whose receipt could be read; merged. All other positions count as lost. */
  readonly kept: readonly Range[];
  /** A `ReceiptsDigest` of the receipts inside `kept`. */
  readonly keptSha256: string;
}

/** Who accepted what. */
export interface Acceptance {
  readonly by: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
  /** The sentence that names the file. */
  readonly lost: string;
}

type LosableFile = 'plan.json' | 'report.json';

const keyOf = { 'plan.json': planKey, 'report.json': reportKey } as const;

/** Lists what is left of the attempt, and accepts the loss of everything else. Replaces an earlier note. */
export async function acceptLoss(
  store: PayloadStore,
  attempt: Attempt,
  acceptance: Acceptance,
): Promise<void> {
  const { ref } = attempt;
  const kept = await readableReceipts(store, ref);
  const note: LossNote = {
    version: 1,
    ...acceptance,
    files: await listLostFiles(store, attempt),
    kept,
    keptSha256: await hashReceipts(store, ref, kept),
  };
  await writeHashedJson(store, lossNoteKey(ref), recordHashName, note);
}

/**
 * Compares an attempt with its note.
 * @returns the note when it accepts everything that is missing or changed now; an error that names the first later
 *   loss when it does not; undefined when there is no note, or when it was changed or doesn't say what was lost.
 */
export async function checkLossNote(
  store: PayloadStore,
  attempt: Attempt,
): Promise<LossNote | ChangedFile | undefined> {
  const note = await readLossNote(store, attempt.ref);
  return note && ((await findLaterLoss(store, attempt, note)) ?? note);
}

async function readLossNote(store: PayloadStore, ref: AttemptRef): Promise<LossNote | undefined> {
  try {
    const note = (await readHashedJson(store, ref, lossNoteKey(ref), recordHashName)) as Partial<LossNote>;
    return note.files && note.kept ? (note as LossNote) : undefined; // earlier versions listed nothing
  } catch (error) {
    if (error instanceof PayloadNotFound || error instanceof ChangedFile) return undefined;
    throw error;
  }
}

async function findLaterLoss(
  store: PayloadStore,
  attempt: Attempt,
  { by, files, kept, keptSha256 }: LossNote,
): Promise<ChangedFile | undefined> {
  const { ref } = attempt;
  const since = `since ${by} accepted that other files are lost`;
  const file = (await listLostFiles(store, attempt)).find((name) => !files.includes(name));
  if (file) return new ChangedFile(ref, keyOf[file](ref), `was removed or changed ${since}`);
  const gone = subtractRanges(kept, await readableReceipts(store, ref));
  if (gone.length > 0)
    return new ChangedFile(
      ref,
      receiptsFolder(ref),
      `has lost the receipts of ${describePositions(gone)} ${since}`,
    );
  return (await hashReceipts(store, ref, kept)) === keptSha256
    ? undefined
    : new ChangedFile(ref, receiptsFolder(ref), `has another version of a receipt ${since}`);
}

async function listLostFiles(store: PayloadStore, { ref, plan, report }: Attempt): Promise<LosableFile[]> {
  const isReportLost = !report || !(await isReportUnchanged(store, ref, 'json'));
  return [...(plan ? [] : ['plan.json' as const]), ...(isReportLost ? ['report.json' as const] : [])];
}

async function readableReceipts(store: PayloadStore, ref: AttemptRef): Promise<Range[]> {
  const readable: Range[] = [];
  for (const file of await receiptFiles(store, ref))
    if (file.kind === 'receipt' && (await readUnchangedReceipt(store, ref, file))) readable.push(file);
  return mergeRanges(readable);
}
