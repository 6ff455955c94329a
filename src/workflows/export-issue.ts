import { CancellationScope, CancelledFailure, condition } from '@temporalio/workflow';
import { cancelledReason } from './decide/cancelled-reason';
import { listen } from './listen';
import type { ExportIssueInput } from './state/carried';
import { currentExport, type IssueState } from './state/issue-state';
import type { Run } from './state/run';
import { awaitApproval } from './steps/approval';
import { nextExport } from './steps/next-export';
import { resumeNotices, suspendNotices } from './steps/notices';
import { relabelApproved } from './steps/relabel-approved';
import { type Ending, reportEnding } from './steps/report-ending';
import { supersedeOlder } from './steps/supersede-older';

/** How a run ended: the last export's revision and stage. */
export interface ExportSummary {
  readonly revision: string;
  readonly stage: string;
}

/**
 * Carries out all exports of one issue, one after the other. The dispatcher starts it with `signalWithStart`
 * under the issue's workflow id. It completes when its queue is empty. Cancellation ends the current export
 * with a report; the queue continues in a new run.
 */
export async function ExportIssue(input: ExportIssueInput): Promise<ExportSummary> {
  const run = listen(input); // every handler first, before any await
  resumeNotices(run, input.carried?.notices);
  await CancellationScope.nonCancellable(() => exportUntilQuiescent(run));
  if (run.state.cancelled) throw new CancelledFailure('The export was cancelled; its report is written.');
  return { revision: run.state.latestRequest?.revision ?? '', stage: run.state.stage };
}

/** A request may arrive while the last notices are being sent. The run then continues with that request. */
async function exportUntilQuiescent(run: Run): Promise<void> {
  do {
    await exportQueue(run);
    if (!run.isQuiescent) await awaitQuiescence(run);
  } while (canTakeNext(run.state));
  if (run.state.queue.length > 0) await run.continueAsNew(); // cancelled: the queue continues in a new run
}

async function exportQueue(run: Run): Promise<void> {
  if (currentExport(run.state)) await supersedeOlder(run); // the previous run may not have superseded all of them
  while (await nextExport(run)) {
    const ending = await carryOut(run);
    await reportEnding(run, ending);
    if (run.state.cancelled) return;
    if (run.mustContinueAsNew && run.state.queue.length > 0) await run.continueAsNew();
  }
}

/**
 * Alternates between asking for approval and sending until the export ends. A newer request may supersede the
 * export while a question is open.
 */
async function carryOut(run: Run): Promise<Ending> {
  for (;;) {
    const approval = await awaitApproval(run);
    if (approval.kind === 'ended') return approval.ending;
    const sending = await relabelApproved(run);
    switch (sending) {
      case 'all-sent':
        return { outcome: 'completed' };
      case 'cancelled':
        return {
          outcome: 'cancelled',
          reason: await cancelledReason(run.state, 'while labels were being sent'),
        };
      case 'approved-sent': // ask about the rest
      case 'rejected-first': // apply the rejection, which came before the first call
        break;
    }
  }
}

/**
 * The queue behind a cancelled export doesn't wait for notices in flight: the next run resumes the notices.
 */
async function awaitQuiescence(run: Run): Promise<void> {
  const mustContinueInNewRun = () => run.state.cancelled && run.state.queue.length > 0;
  await condition(() => run.isQuiescent || canTakeNext(run.state) || mustContinueInNewRun());
  if (!mustContinueInNewRun()) return;
  suspendNotices(run);
  await condition(() => run.isQuiescent);
}

function canTakeNext({ queue, cancelled }: IssueState): boolean {
  return queue.length > 0 && !cancelled;
}
