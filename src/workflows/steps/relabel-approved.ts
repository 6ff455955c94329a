import { CancellationScope, condition } from '@temporalio/workflow';
import { hasPendingDecision, isNothingSent, isRejectedWhilePaused } from '../decide/decide';
import { endPause } from '../decide/steer';
import type { Pause } from '../state/carried';
import { type IssueState, requireExport } from '../state/issue-state';
import type { Run } from '../state/run';
import { awaitDestination } from './activity-options';
import { SendWindow } from './send-window';
import { noteAnswer } from './stuck';

/**
 * - `all-sent`: every label of the plan is sent.
 * - `approved-sent`: every approved label is sent; the rest needs a question.
 * - `rejected-first`: a rejection is pending, and nothing was sent.
 */
export type Sending = 'all-sent' | 'approved-sent' | 'rejected-first' | 'cancelled';

/** Sends the approved labels of the current export: one activity per call, several calls concurrently. */
export async function relabelApproved(run: Run): Promise<Sending> {
  const window = new SendWindow(run);
  run.state.answer = undefined; // the decision that approved these labels is applied; the next one is about the rest
  for (;;) {
    const step = nextStep(run, window);
    switch (step) {
      case 'send':
        window.fill();
        break;
      case 'await-results':
        await condition(() => window.results.length > 0 || window.canFill());
        window.applyResults();
        break;
      case 'all-sent':
      case 'cancelled':
      case 'rejected-first':
      case 'approved-sent':
        noteAnswer(run); // nothing more fails
        return step;
      case 'search':
        window.searchHeldRanges();
        break;
      case 'await-resume':
        window.release(); // after a resume, everything is tried at once
        await awaitResume(run);
        break;
      case 'continue-as-new':
        return run.continueAsNew();
      case 'await-quiescence':
        await condition(() => run.mustContinueAsNew || run.state.cancelled || run.state.pause !== undefined);
        break;
    }
  }
}

type Step =
  | Sending
  | 'send'
  | 'await-results'
  | 'search'
  | 'await-resume'
  | 'continue-as-new'
  | 'await-quiescence';

/**
 * The first step that applies. The order matters:
 * 1. Send while the window has room: calls overlap. A rejection that was heard during a pause before the
 *    first call stops it, also when a resume was heard together with it.
 * 2. Wait for calls in flight before anything ends: their results belong to this export's report.
 * 3. Ranges that keep failing are called again, or returned to the cursor: nothing below forgets them.
 * 4. All sent beats a cancel: nothing is left to stop, so the export is completed.
 * 5. A cancel beats a rejection, as it does while a question is open.
 * 6. A rejection beats a pause: it sends nothing, so it needs no resume.
 * 7. A pause beats the next question: the export asks nothing more until it is resumed.
 * 8. The next question beats a full history: the run can continue as new while it asks.
 * 9. A run with a full history continues as new once it is quiescent; 10. until then it waits.
 */
function nextStep(run: Run, window: SendWindow): Step {
  const { state } = run;
  if (window.canFill() && !isRejectedInPause(state)) return 'send';
  if (state.callsInFlight > 0) return 'await-results';
  if (window.hasHeldRanges()) return 'search';
  if (window.isDone() && isAllApproved(state)) return 'all-sent';
  if (state.cancelled) return 'cancelled';
  if (isRejectedBeforeFirstCall(state)) return 'rejected-first';
  if (state.pause) return 'await-resume';
  if (window.isDone()) return 'approved-sent';
  return run.mustContinueAsNew ? 'continue-as-new' : 'await-quiescence';
}

/**
 * Waits while no call is in flight. The run may have to continue as new during a long pause. A pause of the
 * destination ends by itself when the operator's pause of the destination ends.
 */
async function awaitResume(run: Run): Promise<void> {
  const { state } = run;
  const { pause } = state;
  run.setStage('paused');
  const isOver = () => state.pause !== pause || state.cancelled || isRejectedBeforeFirstCall(state);
  const destination = new CancellationScope();
  const waiting =
    pause?.by === 'destination' ? destination.run(() => endWithDestinationPause(run, pause)) : undefined;
  await condition(() => isOver() || run.mustContinueAsNew);
  destination.cancel();
  await waiting; // no activity may be in flight when the run continues as new
  if (!isOver()) await run.continueAsNew();
}

/**
 * Never rejects: nothing awaits it while the export is paused. After a failure the next call looks at the
 * destination again, and pauses the export again if it has to.
 */
async function endWithDestinationPause(run: Run, pause: Pause): Promise<void> {
  const scope = CancellationScope.current();
  let why = 'the destination is no longer paused';
  try {
    await awaitDestination({ destination: requireExport(run.state).plan.destination });
  } catch {
    why = 'the activity that waits for the destination failed in Temporal';
  }
  if (scope.consideredCancelled || run.state.pause !== pause) return;
  endPause(run, pause);
  run.addLogEntry(`Resumed: ${why}.`);
}

/** As long as nothing was sent, a pending rejection also stops labels that the policy approved. */
function isRejectedBeforeFirstCall(state: IssueState): boolean {
  const current = requireExport(state);
  return isNothingSent(current) && hasPendingDecision(state, current, 'reject');
}

function isRejectedInPause(state: IssueState): boolean {
  const current = requireExport(state);
  return isNothingSent(current) && isRejectedWhilePaused(state, current);
}

function isAllApproved(state: IssueState): boolean {
  const { approvedUpTo, plan } = requireExport(state);
  return approvedUpTo >= plan.labels;
}
