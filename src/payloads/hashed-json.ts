import type { AttemptRef } from '../domain/attempt-ref';
import { createHash } from 'node:crypto';
import { ChangedFile } from './changed-file';
import type { PayloadStore } from './payload-store';
import { readBytes, writeJson } from './small-objects';

/**
 * Makes a small JSON object durable that names its own hash, so that a change of any byte of it is found.
 * @param name the key that takes it: sha256 of the JSON of all other keys, as `JSON.stringify` writes them.
 */
export async function writeHashedJson(
  store: PayloadStore,
  key: string,
  name: string,
  content: object,
): Promise<void> {
  await writeJson(store, key, { ...content, [name]: hashJson(content) });
}

/** All its keys but that of the hash. @throws {PayloadNotFound} @throws {ChangedFile} when it is no whole JSON object, or does not name its own hash. */
export async function readHashedJson(
  store: PayloadStore,
  ref: AttemptRef,
  key: string,
  name: string,
): Promise<object> {
  const { [name]: hash, ...content } = parsed(ref, key, (await readBytes(store, key)).toString('utf8'));
  if (hash !== hashJson(content)) throw new ChangedFile(ref, key, 'was changed after it was written');
  return content;
}

/** JSON.parse's own words may hold label ids, so they stop here. */
function parsed(ref: AttemptRef, key: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new ChangedFile(ref, key, 'is not whole JSON: it was changed or cut off');
}

function hashJson(content: object): string {
  return createHash('sha256').update(JSON.stringify(content), 'utf8').digest('hex');
}
