import { recordHashName, withoutHash } from '../hashed-json';
import { PayloadNotFound, type PayloadStore } from '../payload-store';
import { readJson } from '../small-objects';
import { changed, type DamagedPath } from './damaged-path';

/**
 * Checks the records in a folder: small JSON objects with a hash. One without a hash is of an earlier version.
 * @param names of records; other names are not Requeue's.
 */
export async function checkRecords(
  store: PayloadStore,
  folder: string,
  names: RegExp,
): Promise<DamagedPath[]> {
  const damaged: DamagedPath[] = [];
  for (const name of await store.list(folder))
    if (names.test(name) && !(await isRecordUnchanged(store, `${folder}${name}`)))
      damaged.push(changed(`${folder}${name}`));
  return damaged;
}

/**
 * @param hashName the key of the hash in the object.
 * @returns true also for an object without a hash, and when there is none.
 */
export async function isRecordUnchanged(
  store: PayloadStore,
  key: string,
  hashName = recordHashName,
): Promise<boolean> {
  try {
    const record = await readJson<object | null>(store, key);
    return typeof record === 'object' && record !== null && withoutHash(key, hashName, record) !== undefined;
  } catch (error) {
    if (error instanceof PayloadNotFound) return true; // removed since it was listed
    if (error instanceof Error && error.cause instanceof SyntaxError) return false;
    throw error;
  }
}
