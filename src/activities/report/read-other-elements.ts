import type { AttemptRef } from '../../domain/attempt-ref';
import type { LeftOut, Plan } from '../../domain/plan';
import { ChangedFile } from '../../payloads/changed-file';
import { readUnchangedFile } from '../../payloads/read-unchanged-file';
import { leftOutKey } from '../../payloads/keys';
import { readLines } from '../../payloads/read-lines';
import type { PayloadStore } from '../../payloads/payload-store';
import { OtherElements, type NamingElement } from './other-elements';
import { stopIfCancelled } from '../heartbeating';

/**
 * Reads the `same-label` lines of `left-out.ndjson`, and hashes the file in the same pass.
 * @returns `changed` if the file is missing or was changed; `others` then has the elements of the readable
 *   lines.
 */
export async function readOtherElements(
  store: PayloadStore,
  ref: AttemptRef,
  { labels, leftOut, leftOutSha256 }: Plan,
): Promise<{ readonly others: OtherElements; readonly changed: ChangedFile | undefined }> {
  const others = new OtherElements(labels, leftOut['same-label'] ?? 0);
  const key = leftOutKey(ref);
  try {
    for await (const line of readLines(readUnchangedFile(store, ref, key, leftOutSha256))) {
      stopIfCancelled();
      const row = line.includes('"reason":"same-label"') ? parseSameLabel(line) : undefined;
      if (row && row.position <= labels) others.add(row.position - 1, row);
    }
  } catch (error) {
    if (error instanceof ChangedFile) return { others, changed: error };
    throw error;
  }
  return { others, changed: undefined };
}

function parseSameLabel(line: string): (NamingElement & { readonly position: number }) | undefined {
  try {
    const { reason, element, elementId, position = 0 } = JSON.parse(line) as LeftOut;
    const isValid =
      reason === 'same-label' &&
      isUint32(element) &&
      typeof elementId === 'string' &&
      isUint32(position) &&
      position > 0;
    return isValid ? { element, elementId, position } : undefined;
  } catch {
    return undefined;
  }
}

function isUint32(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}
