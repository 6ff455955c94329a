import { type InboxEntry, updateDispatchState } from '../../payloads/inbox-entry';
import type { PayloadStore } from '../../payloads/payload-store';
import type { Logger } from '../../telemetry/logger';

/** Nobody tries any more until an operator replays the delivery. @param why a sentence for that person; cut to 300 characters. */
export async function holdEntry(
  { store, logger }: { store: PayloadStore; logger: Logger },
  entry: InboxEntry,
  why: string,
): Promise<void> {
  const held = why.slice(0, 300);
  if (!(await updateDispatchState(store, { request: entry.request, handOver: { ...entry.handOver, held } })))
    return; // its report is written
  const { requestId, issueId, sha256 } = entry.request;
  logger.error({ requestId, issueId, sha256, held }, 'A request is held.');
}
