import { CancellationScope, CancelledFailure, condition } from '@temporalio/workflow';
import type { ExportIssueInput } from './state/carried';
import { awaitApproval } from './steps/approval';
import { cancelledReason } from './decide/cancelled-reason';
import { listen } from './listen';
import { nextExport } from './steps/next-export';
import { suspendNotices, resumeNotices } from './steps/notices';
import { relabelApproved } from './steps/relabel-approved';
import { type Ending, reportEnding, supersedeOlder } from './steps/report-ending';
import type { Run } from './state/run';

/** How a run ended: the last export's revision and stage. */
export interface ExportSummary {
  readonly revision: string;
  readonly stage: string;
}

/**
 * All exports of one issue, one after the other. Keyed on the issue id, started only by `signalWithStart`; ends when its queue is
 * empty. Cancellation is a message: it stops the current export in order, and what is queued goes on in a new run.
 */
export async function ExportIssue(input: ExportIssueInput): Promise<ExportSummary> {
  const run = listen(input); // every handler first, before any await
  resumeNotices(run, input.carried?.notices);
  await CancellationScope.nonCancellable(() => work(run));
  if (run.cancelled) throw new CancelledFailure('The export was cancelled; its report is written.');
  return { revision: run.shown?.revision ?? '', stage: run.stage };
}

/** Ends when nothing is left to export and nothing is on its way: a notice, a decision that is being checked. */
async function work(run: Run): Promise<void> {
  for (;;) {
    await exportAll(run);
    if (!run.isQuiescent) await awaitQuiescence(run);
    if (mayTakeNext(run)) continue;
    if (run.queue.length > 0) await run.continueAsNew(); // cancelled: what is queued goes on in a new run
    return;
  }
}

/** What is queued behind a cancelled export does not wait for its notices: they go along into the new run. */
async function awaitQuiescence(run: Run): Promise<void> {
  const mustGoOn = () => run.cancelled && run.queue.length > 0;
  await condition(() => run.isQuiescent || mayTakeNext(run) || mustGoOn());
  if (!mustGoOn()) return;
  suspendNotices(run);
  await condition(() => run.isQuiescent);
}

async function exportAll(run: Run): Promise<void> {
  if (run.current) await supersedeOlder(run, run.current.request); // a run before this one may have stopped in the middle of it
  while (await nextExport(run)) {
    const ending = await carryOut(run);
    await reportEnding(run, ending);
    if (run.cancelled) return;
    if (run.mustContinueAsNew && run.queue.length > 0) await run.continueAsNew();
  }
}

function mayTakeNext(run: Run): boolean {
  return run.queue.length > 0 && !run.cancelled;
}

/** Asks and sends until the export has ended. A newer request may take its place while it waits: then that one is carried out. */
async function carryOut(run: Run): Promise<Ending> {
  for (;;) {
    const approval = await awaitApproval(run);
    if (approval.kind === 'ended') return approval.ending;
    const sending = await relabelApproved(run);
    if (sending === 'cancelled')
      return { outcome: 'cancelled', reason: await cancelledReason(run, 'while labels were being sent') };
    if (sending === 'all-sent') return { outcome: 'completed' };
    // else: more is to be asked for, or a rejection came before the first call
  }
}
