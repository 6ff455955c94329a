import { inboxEntries } from '../../../payloads/inbox-entry';
import type { PayloadStore } from '../../../payloads/payload-store';
import type { ExportRequest } from '../../../domain/request';
import type { ExportList, InboxRow, ListFilter } from '../operator-api';

/** Maximum rows of each kind. The oldest come first, because an operator has to check those. */
const maxRows = 100;

/**
 * Lists accepted requests without a run, and held requests. Both lists are empty when the filter has a stage.
 */
export async function inboxRows(
  store: PayloadStore,
  { project, issue, stage }: ListFilter,
): Promise<Pick<ExportList, 'notStarted' | 'held'>> {
  const notStarted: InboxRow[] = [];
  const held: (InboxRow & { because: string })[] = [];
  if (stage !== undefined) return { notStarted, held };
  for await (const { request, handOver } of inboxEntries(store)) {
    if (project !== undefined && request.project !== project) continue;
    if (issue !== undefined && !request.issueId.startsWith(issue)) continue;
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
