import { type InboxEntry, updateDispatchState } from '../../payloads/inbox-entry';
import type { PayloadStore } from '../../payloads/payload-store';
import type { Logger } from '../../telemetry/logger';

/**
 * Stops all retries of an entry until an operator replays or drops its delivery.
 *
 * @param reason a sentence for the operator; truncated to 300 characters.
 */
export async function holdEntry(
  { store, logger }: { store: PayloadStore; logger: Logger },
  entry: InboxEntry,
  reason: string,
): Promise<void> {
  const held = reason.slice(0, 300);
  const isHeld = await updateDispatchState(store, {
    request: entry.request,
    handOver: { ...entry.handOver, held },
  });
  if (!isHeld) return; // the report was written meanwhile
  const { requestId, issueId, sha256 } = entry.request;
  logger.error({ requestId, issueId, sha256, held }, 'A request is held.');
}
