import { dropHeldEntry } from '../../payloads/dropped-requests';
import type { InboxEntry } from '../../payloads/inbox-entry';
import { issueFolder } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { reportHeadsIn } from '../../payloads/report-head';
import type { Logger } from '../../telemetry/logger';

/**
 * Drops a held entry if the newest export of the same body is completed: the request has nothing left to do. Compares
 * no times, because clocks differ. A request with `force` stays held, because it asks for every label again.
 */
export async function clearHeldEntry(
  { store, logger }: { store: PayloadStore; logger: Logger },
  entry: InboxEntry,
): Promise<void> {
  const { requestId, issueId, sha256, force } = entry.request;
  if (force) return;
  const newest = (await reportHeadsIn(store, issueFolder(issueId)))
    .filter((report) => report.sha256 === sha256)
    .toSorted((a, b) => a.attempt - b.attempt)
    .at(-1);
  if (newest?.outcome !== 'completed') return;
  const { attempt, endedAt } = newest;
  const reason = `Another export of the same revision completed: attempt ${attempt}, at ${endedAt}.`;
  if (await dropHeldEntry(store, entry, { reason }))
    logger.info(
      { requestId, issueId, sha256, attempt },
      'Dropped a held request: its revision is completed.',
    );
}
