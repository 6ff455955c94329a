import type { AttemptRef } from '../domain/attempt-ref';
import { attemptFolder } from './keys';

/**
 * A file of an attempt is missing or truncated, or was changed after it was written. The message is one
 * sentence that contains the file's name.
 */
export class ChangedFile extends Error {
  override readonly name = 'ChangedFile';

  static missing(ref: AttemptRef, key: string): ChangedFile {
    return new ChangedFile(ref, key, 'is missing from the payload store');
  }

  /** @param what the rest of the sentence, e.g. `was changed: expected ..., got ...`. */
  constructor(ref: AttemptRef, key: string, what: string) {
    super(
      `${key.slice(attemptFolder(ref).length)} of attempt ${ref.attempt} at revision ${ref.revision} ${what}.`,
    );
  }
}

/** Returns a `ChangedFile` instead of throwing it; other errors are thrown. */
export async function orChanged<T>(reading: Promise<T>): Promise<T | ChangedFile> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ChangedFile) return error;
    throw error;
  }
}
