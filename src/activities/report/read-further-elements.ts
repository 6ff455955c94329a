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
 * The elements that named a label of the plan after the first one had: the rows `same-label` of `left-out.ndjson`, read once and
 * hashed in the same pass. Of a changed file they are told as far as it can be read.
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
      const named = line.includes('"reason":"same-label"') ? sameLabelIn(line) : undefined;
      if (named && named.position <= labels) further.add(named.position - 1, named);
    }
  } catch (error) {
    if (error instanceof ChangedFile) return { further, changed: error };
    throw error;
  }
  return { further, changed: undefined };
}

function sameLabelIn(line: string): (NamingElement & { readonly position: number }) | undefined {
  try {
    const { reason, element, elementId, position = 0 } = JSON.parse(line) as LeftOut;
    const isWhole =
      reason === 'same-label' &&
      isCount(element) &&
      typeof elementId === 'string' &&
      isCount(position) &&
      position > 0;
    return isWhole ? { element, elementId, position } : undefined;
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}
