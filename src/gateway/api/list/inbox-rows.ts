import { inboxEntries } from '../../../payloads/inbox-entry';
import type { PayloadStore } from '../../../payloads/payload-store';
import type { Dispatcher } from '../../dispatch/dispatcher';
import type { ExportRequest } from '../../../domain/request';
import type { ExportList, InboxRow, ListFilter } from '../operator-api';

/** Maximum rows of each kind. The oldest come first, because an operator has to check those. */
const maxRows = 100;

interface Deps {
  readonly store: PayloadStore;
  readonly dispatcher: Pick<Dispatcher, 'settle'>;
}

/**
 * Lists accepted requests without a run, and held requests. Both lists are empty when the filter has a stage.
 *
 * @param terminated issues whose newest run is known to be terminated. Their entries are settled first, so that
 *   the list shows the hold without waiting for a sweep.
 */
export async function inboxRows(
  { store, dispatcher }: Deps,
  { project, issue, stage }: ListFilter,
  terminated: ReadonlySet<string>,
): Promise<Pick<ExportList, 'notStarted' | 'held'>> {
  const notStarted: InboxRow[] = [];
  const held: (InboxRow & { because: string })[] = [];
  if (stage !== undefined) return { notStarted, held };
  for await (const entry of inboxEntries(store)) {
    if (project !== undefined && entry.request.project !== project) continue;
    if (issue !== undefined && !entry.request.issueId.startsWith(issue)) continue;
    const isHeldSoon = entry.handOver.held === undefined && terminated.has(entry.request.issueId);
    const { request, handOver } = isHeldSoon ? ((await dispatcher.settle(entry)) ?? entry) : entry;
    if (handOver.held !== undefined && held.length < maxRows)
      held.push({ ...toInboxRow(request), because: handOver.held });
    if (handOver.held === undefined && handOver.runId === undefined && notStarted.length < maxRows)
      notStarted.push(toInboxRow(request));
  }
  return { notStarted, held };
}

export function toInboxRow({
  requestId,
  issueId,
  issueName,
  project,
  revision,
  sha256,
  receivedAt,
}: ExportRequest): InboxRow {
  return { requestId, issueId, issueName, project, revision, sha256, receivedAt };
}
