import type { AttemptRef } from '../../domain/attempt-ref';
import type { LeftOut } from '../../domain/plan';
import { leftOutKey } from '../../payloads/keys';
import { readLines } from '../../payloads/read-lines';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';

/**
 * The lines of `left-out.ndjson`. For a line that is not JSON, yields an entry with the reason `invalid`. A
 * missing file yields no lines.
 */
export async function* readLeftOut(store: PayloadStore, ref: AttemptRef): AsyncGenerator<LeftOut> {
  try {
    for await (const line of readLines(store.read(leftOutKey(ref)))) yield parseLine(line);
  } catch (error) {
    if (!(error instanceof PayloadNotFound)) throw error;
  }
}

function parseLine(line: string): LeftOut {
  try {
    return JSON.parse(line) as LeftOut;
  } catch {
    return {
      element: -1,
      reason: 'invalid',
      detail: 'This line of left-out.ndjson was changed and cannot be read.',
    };
  }
}
