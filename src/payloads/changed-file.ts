import type { AttemptRef } from '../domain/attempt-ref';
import { attemptFolder } from './keys';

/** A file of an attempt is gone, cut off or was changed since it was written. The message is a sentence that names the file. */
export class ChangedFile extends Error {
  override readonly name = 'ChangedFile';

  /** @param what e.g. `was changed: expected ..., got ...`. */
  constructor(ref: AttemptRef, key: string, what: string) {
    super(
      `${key.slice(attemptFolder(ref).length)} of attempt ${ref.attempt} at revision ${ref.revision} ${what}.`,
    );
  }
}
