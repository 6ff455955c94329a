import type { AttemptRef } from '../../domain/attempt-ref';
import { reportKey } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { formatFirstLine, type ReportHead } from '../../payloads/report-head';
import { stageFile } from '../stage-file';

/**
 * Adds request ids to the first line of a report and copies the rest. The file is replaced atomically.
 * Idempotent.
 * @param head of the report as it is now.
 */
export async function addRequests(
  store: PayloadStore,
  ref: AttemptRef,
  head: ReportHead,
  requestIds: readonly string[],
): Promise<void> {
  const requests = [...new Set([...head.requests, ...requestIds])];
  if (requests.length === head.requests.length) return;
  const file = await stageFile(store);
  try {
    await file.write(formatFirstLine({ ...head, requests }));
    for await (const chunk of skipFirstLine(store.read(reportKey(ref)))) await file.write(chunk);
    await file.commit(reportKey(ref));
  } finally {
    await file.discard();
  }
}

async function* skipFirstLine(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isSkipped = false;
  for await (const chunk of chunks) {
    const end: number = isSkipped ? -1 : chunk.indexOf(0x0a);
    if (isSkipped || end >= 0) yield chunk.subarray(end + 1);
    isSkipped ||= end >= 0;
  }
}
