import type { AttemptRef } from '../domain/attempt-ref';
import { ChangedFile } from './changed-file';
import { readHashedJson, writeHashedJson, recordHashName } from './hashed-json';
import { lossNoteKey } from './keys';
import { PayloadNotFound, type PayloadStore } from './payload-store';

/**
 * `lost.json`: files of an attempt are missing or were changed, and an operator has accepted that. What is left of its
 * receipts still counts. It accepts nothing that is lost later.
 */
export interface LossNote {
  readonly version: 1;
  readonly by: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
  /** The sentence that names the file. */
  readonly lost: string;
}

export async function writeLossNote(store: PayloadStore, ref: AttemptRef, note: LossNote): Promise<void> {
  await writeHashedJson(store, lossNoteKey(ref), recordHashName, note);
}

/** @returns undefined when there is no note, or when it was changed: it then accepts nothing. */
export async function readLossNote(store: PayloadStore, ref: AttemptRef): Promise<LossNote | undefined> {
  try {
    return (await readHashedJson(store, ref, lossNoteKey(ref), recordHashName)) as LossNote;
  } catch (error) {
    if (error instanceof PayloadNotFound || error instanceof ChangedFile) return undefined;
    throw error;
  }
}
