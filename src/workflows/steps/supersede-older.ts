import { isAbout } from '../../domain/revision';
import { olderThan, type Queued } from '../../domain/queue';
import { byReceivedAt, type ExportRequest } from '../../domain/request';
import { type IssueState, openExport, requireExport } from '../state/issue-state';
import type { Run } from '../state/run';
import { hasSentLabels, refreshQueued } from './prepare';
import { reportUnsent } from './report-queued';

/**
 * Reports the older queued requests of the same project as superseded by the current export. Checks first
 * whether their labels were sent: docs/decisions/013-nothing-is-superseded-unseen.md.
 */
export async function supersedeOlder(run: Run): Promise<void> {
  for (let older = nextOlder(run.state); older; older = nextOlder(run.state)) {
    if (await hasSentLabels(older))
      run.state.idsWithSentLabels = [...run.state.idsWithSentLabels, older.request.requestId];
    else await reportUnsent(run, refreshQueued(run, older), supersededBy(requireExport(run.state).request));
    if (openExport(run.state) && run.mustContinueAsNew) await run.continueAsNew(); // the next run supersedes the rest
  }
}

export function supersededBy({ revision }: ExportRequest) {
  return { outcome: 'superseded', reason: `It was superseded by revision ${revision}.` } as const;
}

/**
 * The oldest request that may be superseded: it has neither sent labels nor an approval of its revision. Reads
 * the current export each time: a clamped request moves when another one is heard.
 */
function nextOlder(state: IssueState): Queued | undefined {
  return olderThan(state.queue, requireExport(state).request).find(
    ({ request }) => !state.idsWithSentLabels.includes(request.requestId) && !isApproved(state, request),
  );
}

/** A pending approval counts for the newest request with its body. */
function isApproved({ pendingDecisions, queue }: IssueState, request: ExportRequest): boolean {
  const isNewest = !queue.some(
    ({ request: other }) => other.sha256 === request.sha256 && byReceivedAt(other, request) > 0,
  );
  return (
    isNewest &&
    pendingDecisions.some(({ kind, revision }) => kind === 'approve' && isAbout(revision, request.sha256))
  );
}
