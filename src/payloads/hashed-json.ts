import type { AttemptRef } from '../domain/attempt-ref';
import { createHash } from 'node:crypto';
import { ChangedFile } from './changed-file';
import type { PayloadStore } from './payload-store';
import { createJson, readBytes, writeJson } from './small-objects';

/**
 * Writes a small JSON object together with its own hash, so that readers notice any change to its content.
 * @param name the key of the hash. The hash is the sha256 of the object without this key, as `JSON.stringify`
 *   writes it.
 */
export async function writeHashedJson(
  store: PayloadStore,
  key: string,
  name: string,
  content: object,
): Promise<void> {
  await writeJson(store, key, withHash(name, content));
}

/** Like `writeHashedJson`, but returns false and writes nothing when the object exists. */
export async function createHashedJson(
  store: PayloadStore,
  key: string,
  name: string,
  content: object,
): Promise<boolean> {
  return createJson(store, key, withHash(name, content));
}

/**
 * @returns all keys except the hash.
 * @throws {PayloadNotFound}
 * @throws {ChangedFile} when the file is not a complete JSON object, or when its hash is missing or wrong.
 */
export async function readHashedJson(
  store: PayloadStore,
  ref: AttemptRef,
  key: string,
  name: string,
): Promise<object> {
  const { [name]: hash, ...content } = parse(ref, key, (await readBytes(store, key)).toString('utf8'));
  if (hash !== hashJson(content)) throw new ChangedFile(ref, key, 'was changed after it was written');
  return content;
}

/**
 * For records that versions without hashes wrote: a record without a hash counts as unchanged.
 * @returns the record without its hash; undefined when the hash is wrong.
 */
export function withoutHash<T extends object>(name: string, record: T): T | undefined {
  const { [name as keyof T]: hash, ...content } = record;
  return hash === undefined || hash === hashJson(content) ? (content as T) : undefined;
}

/** Drops JSON.parse's own message, because it may quote label ids. */
function parse(ref: AttemptRef, key: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // thrown below
  }
  throw new ChangedFile(ref, key, 'is not complete JSON: it was changed or truncated');
}

/** @returns the content with its hash under the key `name`. */
function withHash(name: string, content: object): object {
  return { ...content, [name]: hashJson(content) };
}

/** @returns the sha256, in hex, of the object as `JSON.stringify` writes it. */
export function hashJson(content: object): string {
  return createHash('sha256').update(JSON.stringify(content), 'utf8').digest('hex');
}
