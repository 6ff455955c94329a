import type { AttemptRef } from '../../domain/attempt-ref';
import { reportKey } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import type { ReportHead } from '../../payloads/report-head';
import { stageFile } from '../stage-file';

/**
 * Adds requests to those a report answers: its first line is written anew, the rest copied as it is, and the
 * whole replaced at once. Adding one twice changes nothing.
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
    await file.write(`{"requests":${JSON.stringify(requests)},\n`);
    for await (const chunk of afterFirstLine(store.read(reportKey(ref)))) await file.write(chunk);
    await file.commit(reportKey(ref));
  } finally {
    await file.discard();
  }
}

async function* afterFirstLine(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isPast = false;
  for await (const chunk of chunks) {
    const end: number = isPast ? -1 : chunk.indexOf(0x0a);
    if (isPast || end >= 0) yield chunk.subarray(end + 1);
    isPast ||= end >= 0;
  }
}
