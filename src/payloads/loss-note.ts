import type { AttemptRef } from '../domain/attempt-ref';
import { lossNoteKey } from './keys';
import type { PayloadStore } from './payload-store';
import { createJson, objectExists } from './small-objects';

/**
 * `lost.json`: files of an attempt are missing or were changed, and an operator has accepted that. What is left of its
 * receipts still counts; what is not there is no gap any more.
 */
export interface LossNote {
  readonly version: 1;
  readonly by: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
  /** A sentence that names the file. */
  readonly lost: string;
}

/** Does nothing when the attempt has a note. */
export async function writeLossNote(store: PayloadStore, ref: AttemptRef, note: LossNote): Promise<void> {
  await createJson(store, lossNoteKey(ref), note);
}

export function hasLossNote(store: PayloadStore, ref: AttemptRef): Promise<boolean> {
  return objectExists(store, lossNoteKey(ref));
}
