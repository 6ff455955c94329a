import type { AttemptRef } from '../domain/attempt-ref';
import { createHash } from 'node:crypto';
import { ChangedFile } from './changed-file';
import { PayloadNotFound, type PayloadStore } from './payload-store';

/**
 * Reads an attempt's file and checks its hash. The hash is known only after the last byte: don't use a result
 * computed from the bytes until the generator has finished without an error.
 * @param sha256 the hash from the plan, or its first digits.
 * @throws {ChangedFile} when the file is missing, or, after the last byte, when its hash differs.
 */
export async function* readUnchangedFile(
  store: PayloadStore,
  ref: AttemptRef,
  key: string,
  sha256: string,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of store.read(key)) {
      hash.update(chunk);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof PayloadNotFound) throw ChangedFile.missing(ref, key);
    throw error;
  }
  const got = hash.digest('hex');
  if (!got.startsWith(sha256))
    throw new ChangedFile(
      ref,
      key,
      `was changed: expected sha256 ${sha256.slice(0, 12)}…, got ${got.slice(0, 12)}…`,
    );
}
