import type { StandingFailure } from '../../activities/contracts';
import type { Run } from '../state/run';
import { notifyReceivers } from './notices';

/** In ms. `still-failing` means the same time (`activities/send/standing-failure.ts`). */
const stuckAfterMs = 10 * 60_000;

/**
 * Call this when calls fail. Once no call has been answered for ten minutes, the export is stuck: progress shows
 * the last failure, and receivers are notified once.
 * @param failedMs for how long the calls of the failure have failed already.
 */
export function noteFailure(run: Run, { because, failures }: StandingFailure, failedMs = 0): void {
  const { state } = run;
  const now = Date.now();
  const since = (state.failingSince ??= now - failedMs);
  if (now - since < stuckAfterMs) return;
  const isKnown = state.stuck !== undefined;
  state.stuck = { since, because, failures };
  if (isKnown) return run.showDetails();
  run.addLogEntry(`Stuck: no call has been answered for ten minutes. ${because} Requeue tries again.`);
  notifyReceivers(run, 'export.stuck');
}

/** Like `noteFailure`, for a call that has failed for ten minutes. */
export function noteStillFailing(run: Run, failure: StandingFailure): void {
  noteFailure(run, failure, stuckAfterMs);
}

/** Call this when a call was answered, and when nothing more is sent. */
export function noteAnswer({ state }: Run): void {
  state.stuck = undefined;
  state.failingSince = undefined;
}
