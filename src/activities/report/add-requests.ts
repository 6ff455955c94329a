import type { AttemptRef } from '../../domain/attempt-ref';
import { reportKey } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { afterFirstLine } from '../../payloads/report-content';
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
    for await (const chunk of afterFirstLine(store.read(reportKey(ref)))) await file.write(chunk);
    await file.commit(reportKey(ref));
  } finally {
    await file.discard();
  }
}
