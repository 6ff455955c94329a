import { dropHeldEntry } from '../../payloads/dropped-requests';
import type { InboxEntry } from '../../payloads/inbox-entry';
import { issueFolder } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { reportHeadsIn } from '../../payloads/report-head';
import type { Logger } from '../../telemetry/logger';

/**
 * Drops a held entry if an export of the same revision completed after the entry's request was received: the
 * request has nothing left to do. A request with `force` stays held, because it asks for every label again.
 */
export async function clearHeldEntry(
  { store, logger }: { store: PayloadStore; logger: Logger },
  entry: InboxEntry,
): Promise<void> {
  const { requestId, issueId, sha256, receivedAt, force } = entry.request;
  if (force) return;
  const completed = (await reportHeadsIn(store, issueFolder(issueId))).find(
    (report) =>
      report.outcome === 'completed' &&
      report.sha256 === sha256 &&
      Date.parse(report.endedAt) > Date.parse(receivedAt),
  );
  if (!completed) return;
  const { attempt, endedAt } = completed;
  const reason = `A later export of the same revision completed: attempt ${attempt}, at ${endedAt}.`;
  if (await dropHeldEntry(store, entry, { reason }))
    logger.info(
      { requestId, issueId, sha256, attempt },
      'Dropped a held request: its revision is completed.',
    );
}
