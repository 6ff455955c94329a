import type { AttemptRef } from '../domain/attempt-ref';
import { reportKey } from './keys';
import { PayloadNotFound, type PayloadStore } from './payload-store';
import { afterFirstLine } from './report-content';
import { formatFirstLine, type ReportHead, readReportHead } from './report-head';

export interface AddedRequests {
  /** The head with all the ids. */
  readonly head: ReportHead;
  /** False: the report named them already. */
  readonly isChanged: boolean;
}

/**
 * Adds request ids to the first line of a report and copies the rest. The file is replaced atomically.
 * Idempotent. If another process adds ids at the same time, the later write may remove the earlier one's.
 * @throws {PayloadNotFound} when the report is missing.
 * @throws {ChangedFile} when its head can't be read.
 */
export async function addReportRequests(
  store: PayloadStore,
  ref: AttemptRef,
  requestIds: readonly string[],
): Promise<AddedRequests> {
  const head = await readReportHead(store, ref);
  if (!head) throw new PayloadNotFound(reportKey(ref));
  const requests = [...new Set([...head.requests, ...requestIds])];
  const isChanged = requests.length > head.requests.length;
  if (isChanged) await replaceFirstLine(store, reportKey(ref), formatFirstLine({ ...head, requests }));
  return { head: { ...head, requests }, isChanged };
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
