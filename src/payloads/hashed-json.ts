import type { AttemptRef } from '../domain/attempt-ref';
import { createHash } from 'node:crypto';
import { ChangedFile } from './changed-file';
import type { PayloadStore } from './payload-store';
import { createJson, readBytes, writeJson } from './small-objects';

/** The key of the hash in a record: a decision, a drop, an asking, or a note about lost files. */
export const recordHashName = 'recordSha256';

/**
 * Writes a small JSON object together with a hash of its content and of its place, so that readers notice any
 * change, and any object of another place that was copied over it.
 * @param key the object's key in the store.
 * @param name the key of the hash in the object.
 */
export async function writeHashedJson(
  store: PayloadStore,
  key: string,
  name: string,
  content: object,
): Promise<void> {
  await writeJson(store, key, withHash(key, name, content));
}

/** Like `writeHashedJson`, but returns false and writes nothing when the object exists. */
export async function createHashedJson(
  store: PayloadStore,
  key: string,
  name: string,
  content: object,
): Promise<boolean> {
  return createJson(store, key, withHash(key, name, content));
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
  if (!isRight(hash, key, content)) throw new ChangedFile(ref, key, 'was changed after it was written');
  return content;
}

/**
 * For records that versions without hashes wrote: a record without a hash counts as unchanged.
 * @returns the record without its hash; undefined when the hash is wrong.
 */
export function withoutHash<T extends object>(key: string, name: string, record: T): T | undefined {
  const { [name as keyof T]: hash, ...content } = record;
  const isUnchanged = hash === undefined ? !hasHashByAnotherName(record) : isRight(hash, key, content);
  return isUnchanged ? (content as T) : undefined;
}

/**
 * Whether the name of the hash was changed, so that the object looks like one of an earlier version.
 * @param except a key whose value is a sha256 and not the hash.
 */
export function hasHashByAnotherName(record: object, except?: string): boolean {
  return Object.entries(record).some(
    ([key, value]) => key !== except && typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
  );
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
function withHash(key: string, name: string, content: object): object {
  return { ...content, [name]: hashWithPlace(key, content) };
}

/** Earlier versions hashed the content alone. */
function isRight(hash: unknown, key: string, content: object): boolean {
  return hash === hashWithPlace(key, content) || hash === hashJson(content);
}

function hashWithPlace(key: string, content: object): string {
  return hashJson([key, content]);
}

/** @returns the sha256, in hex, of the object as `JSON.stringify` writes it. */
export function hashJson(content: object): string {
  return createHash('sha256').update(JSON.stringify(content), 'utf8').digest('hex');
}
