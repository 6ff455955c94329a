import type { PreparedDuplicate, PreparedFailure } from '../../activities/contracts';
import { type Queued, without } from '../../domain/queue';
import type { Outcome } from '../../domain/stage';
import { dropPendingDecisions } from '../decide/decide';
import { currentExport } from '../state/issue-state';
import type { Run } from '../state/run';
import { notifyUnplanned } from './notices';
import type { NotPlanned } from './prepare';
import { addDuplicates, writeEndedReport, writeNeverPlannedReport } from './write-reports';

/** Reports a queued request for which no plan was made. */
export async function reportNotPlanned(run: Run, queued: Queued, result: NotPlanned): Promise<void> {
  switch (result.kind) {
    case 'duplicate':
      return reportDuplicate(run, queued, result);
    case 'failed':
      return reportFailed(run, queued, result);
    case 'unreadable':
      return reportUnsent(run, queued, {
        outcome: 'failed',
        reason: 'prepareExport returned an unreadable result: check the versions of the workers.',
      });
  }
}

/** Reports a request that sends nothing: superseded in the queue, or cancelled before its plan was made. */
export async function reportUnsent(
  run: Run,
  queued: Queued,
  ending: { readonly outcome: Outcome; readonly reason: string },
): Promise<void> {
  leaveQueue(run, queued);
  const { request, also, plannedAttempt } = queued;
  if (plannedAttempt === undefined) {
    await writeNeverPlannedReport({ kind: 'never-planned', request, also, ...ending, log: [] });
  } else {
    const ref = { issueId: request.issueId, revision: request.revision, attempt: plannedAttempt };
    await writeEndedReport(run, { kind: 'ended', request, also, ref, ...ending, log: [] });
  }
  finish(run, queued);
  if (ending.outcome === 'cancelled') run.setStage('cancelled');
}

/** An existing report answers the request: adds the request's ids to that report. */
async function reportDuplicate(run: Run, queued: Queued, { ref, outcome }: PreparedDuplicate): Promise<void> {
  const { request, also } = queued;
  run.state.queue = without(run.state.queue, queued); // before the report, as in leaveQueue
  await addDuplicates(run, ref, [request.requestId, ...also]);
  dropPendingDecisions(run, request.sha256);
  run.stopPreparing(queued);
  if (!currentExport(run.state)) run.setStage(outcome);
}

async function reportFailed(run: Run, queued: Queued, failure: PreparedFailure): Promise<void> {
  const { request, also } = queued;
  const { ref, reason } = failure;
  run.addLogEntry(`Revision ${request.revision} failed: ${reason}`);
  leaveQueue(run, queued);
  const { log } = run.state;
  await writeEndedReport(run, { kind: 'ended', request, also, ref, outcome: 'failed', reason, log });
  finish(run, queued);
  notifyUnplanned(run, request, { event: 'export.failed', stage: 'failed', because: reason, ...failure });
  if (!currentExport(run.state)) run.setStage('failed');
}

/**
 * Call this before the report is written: a repeated request that arrives meanwhile gets its own queue entry.
 */
function leaveQueue(run: Run, queued: Queued): void {
  run.state.queue = without(run.state.queue, queued);
  run.rememberReported([queued.request.requestId, ...queued.also]);
}

function finish(run: Run, queued: Queued): void {
  const { sha256 } = queued.request;
  if (!run.state.queue.some(({ request }) => request.sha256 === sha256)) dropPendingDecisions(run, sha256);
  run.stopPreparing(queued);
}
