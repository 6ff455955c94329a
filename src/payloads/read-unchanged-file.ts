import type { AttemptRef } from '../domain/attempt-ref';
import { createHash } from 'node:crypto';
import { ChangedFile } from './changed-file';
import { PayloadNotFound, type PayloadStore } from './payload-store';

/**
 * Reads a file of an attempt and hashes it on the way. A result made of the bytes is valid only after this
 * ends without an error.
 * @param sha256 the hash that the plan names.
 * @throws {ChangedFile} when the file is missing; after its last byte when it has another hash.
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
    if (error instanceof PayloadNotFound)
      throw new ChangedFile(ref, key, 'is missing from the payload store');
    throw error;
  }
  const got = hash.digest('hex');
  if (got !== sha256)
    throw new ChangedFile(
      ref,
      key,
      `was changed: expected sha256 ${sha256.slice(0, 12)}…, got ${got.slice(0, 12)}…`,
    );
}
