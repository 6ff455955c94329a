import type { AttemptRef } from '../../domain/attempt-ref';
import type { LeftOut, Plan } from '../../domain/plan';
import { ChangedFile } from '../../payloads/changed-file';
import { readUnchangedFile } from '../../payloads/read-unchanged-file';
import { leftOutKey } from '../../payloads/keys';
import { readLines } from '../../payloads/read-lines';
import type { PayloadStore } from '../../payloads/payload-store';
import { FurtherElements, type NamingElement } from './further-elements';
import { stopIfCancelled } from '../heartbeating';

/**
 * Reads the rows `same-label` of `left-out.ndjson`, and hashes the file in the same pass.
 * @returns `changed` when the file is missing or was changed; `further` then has the rows that could be read.
 */
export async function readFurtherElements(
  store: PayloadStore,
  ref: AttemptRef,
  { labels, leftOut, leftOutSha256 }: Plan,
): Promise<{ readonly further: FurtherElements; readonly changed: ChangedFile | undefined }> {
  const further = new FurtherElements(labels, leftOut['same-label'] ?? 0);
  const key = leftOutKey(ref);
  try {
    for await (const line of readLines(readUnchangedFile(store, ref, key, leftOutSha256))) {
      stopIfCancelled();
      const row = line.includes('"reason":"same-label"') ? parseSameLabel(line) : undefined;
      if (row && row.position <= labels) further.add(row.position - 1, row);
    }
  } catch (error) {
    if (error instanceof ChangedFile) return { further, changed: error };
    throw error;
  }
  return { further, changed: undefined };
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
