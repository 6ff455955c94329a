import type { AttemptRef } from '../domain/attempt-ref';
import { addedRequestKey, addedRequestsFolder, reportKey, requestIdsOf } from './keys';
import { PayloadNotFound, type PayloadStore } from './payload-store';
import { afterFirstLine } from './report-content';
import { formatFirstLine, type ReportHead, readReportHead } from './report-head';
import { createJson } from './small-objects';

/**
 * Adds request ids to the first line of a report and copies the rest. The file is replaced atomically.
 * Idempotent. Each id is first written as an object of its own: another process may replace the report at the same
 * time, even one that was frozen for minutes, and whoever writes last adds what the others have added.
 * @returns the head with all the ids.
 * @throws {PayloadNotFound} when the report is missing.
 * @throws {ChangedFile} when its head can't be read.
 */
export async function addReportRequests(
  store: PayloadStore,
  ref: AttemptRef,
  requestIds: readonly string[],
): Promise<ReportHead> {
  let head = await requireHead(store, ref);
  for (const requestId of requestIds)
    if (!head.requests.includes(requestId)) await createJson(store, addedRequestKey(ref, requestId), {});
  for (;;) {
    const requests = [
      ...new Set([...head.requests, ...requestIdsOf(await store.list(addedRequestsFolder(ref)))]),
    ];
    if (requests.length === head.requests.length) return head;
    await replaceFirstLine(store, reportKey(ref), formatFirstLine({ ...head, requests }));
    head = await requireHead(store, ref);
  }
}

async function requireHead(store: PayloadStore, ref: AttemptRef): Promise<ReportHead> {
  const head = await readReportHead(store, ref);
  if (!head) throw new PayloadNotFound(reportKey(ref));
  return head;
}

async function replaceFirstLine(store: PayloadStore, key: string, line: string): Promise<void> {
  const staged = await store.stage();
  try {
    await staged.write(Buffer.from(line, 'utf8'));
    for await (const chunk of afterFirstLine(store.read(key))) await staged.write(chunk);
    await staged.commit(key);
  } finally {
    await staged.discard();
  }
}
