import type { LeftOut, Plan } from '../domain/plan';
import { ChangedFile } from '../payloads/changed-file';
import { fileUnchanged } from '../payloads/file-unchanged';
import { type AttemptRef, leftOutKey } from '../payloads/keys';
import { linesOf } from '../payloads/lines';
import { PayloadNotFound, type PayloadStore } from '../payloads/payload-store';
import { FurtherElements, type NamingElement } from './further-elements';
import { stopIfCancelled } from './heartbeating';

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
    for await (const line of linesOf(leftOutSha256 === undefined ? store.read(key) : fileUnchanged(store, ref, key, leftOutSha256))) {
      stopIfCancelled();
      const named = line.includes('"reason":"same-label"') ? sameLabelIn(line) : undefined;
      if (named && named.position <= labels) further.note(named.position - 1, named);
    }
  } catch (error) {
    if (error instanceof ChangedFile) return { further, changed: error };
    if (!(error instanceof PayloadNotFound)) throw error; // a plan of old may have lost the file unnoticed
  }
  return { further, changed: undefined };
}

function sameLabelIn(line: string): (NamingElement & { readonly position: number }) | undefined {
  try {
    const { reason, element, elementId, position, detail } = JSON.parse(line) as LeftOut;
    const place = position ?? Number(/ at position (\d+)\.$/.exec(detail)?.[1]); // older plans say it in the sentence alone
    const isWhole = reason === 'same-label' && isCount(element) && typeof elementId === 'string' && isCount(place) && place > 0;
    return isWhole ? { element, elementId, position: place } : undefined;
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}
