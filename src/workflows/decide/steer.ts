import { parseResume } from '../../decisions/parse-decision';
import type { Pause } from '../state/carried';
import { currentExport, type IssueState } from '../state/issue-state';
import type { Run } from '../state/run';
import { notifyReceivers } from '../steps/notices';
import {
  describeSteering,
  describeSteeringInFull,
  logSteering,
  parseSteerSignal,
  type SteerSignal,
} from './steering';

/**
 * A person's pause replaces the service's: resuming all exports of a destination then leaves this one paused.
 */
export function pause(run: Run, args: readonly unknown[]): void | Promise<void> {
  const steering = parseSteerSignal(args);
  const unchangedBecause = whyNotPaused(run.state);
  if (unchangedBecause) return logNoChange(run, 'pause', steering, unchangedBecause);
  const toReason = (sender: string) => `An operator paused it${sender}.`;
  const started: Pause = {
    because: toReason(describeSteering(steering)),
    by: 'person',
    since: run.state.pause?.since ?? Date.now(),
  };
  run.startPause(started);
  return logSteering(
    run,
    'pause',
    steering,
    (sender, isProven) => `Paused${isProven ? '' : ' by signal'}${sender}.`,
    (checked) => {
      if (run.state.pause !== started) return; // it was resumed meanwhile
      run.state.pause = { ...started, because: toReason(describeSteering(checked)) };
      notifyReceivers(run, 'export.paused');
    },
  );
}

export function resume(run: Run, args: readonly unknown[]): void | Promise<void> {
  const parsed = parseResume(args);
  if (parsed.kind === 'nothing') {
    run.addLogEntry(`Signal resume changed nothing: ${parsed.why}.`);
    return;
  }
  const { kind: _kind, isForDestination, ...steering } = parsed;
  const { pause: ended } = run.state;
  if (!ended) return logNoChange(run, 'resume', steering, 'the export is not paused');
  if (isForDestination && ended.by === 'person')
    return logNoChange(run, 'resume', steering, 'a person paused the export');
  endPause(run, ended);
  const resumed = isForDestination ? 'Resumed with its destination' : 'Resumed';
  return logSteering(
    run,
    'resume',
    steering,
    (sender, isProven) => `${resumed}${isProven ? '' : ' by signal'}${sender}.`,
  );
}

/**
 * Ends a pause, and extends the open question's deadline by the time for which the question was paused.
 * @param ended the current pause.
 */
export function endPause(run: Run, ended: Pause): void {
  run.state.pause = undefined;
  const asking = currentExport(run.state)?.asking;
  if (!asking) return;
  const pausedMs = Date.now() - Math.max(ended.since, asking.openedAt);
  run.updateExport({ asking: { ...asking, expiresAt: asking.expiresAt + pausedMs } });
}

/** Temporal's cancellation request carries no name, so the gateway sends this signal right before it. */
export function announceCancel(run: Run, args: readonly unknown[]): void | Promise<void> {
  run.state.cancelAnnounced = true;
  return logSteering(
    run,
    'cancel',
    parseSteerSignal(args),
    (sender) => `Cancel requested${sender}.`,
    (checked) => {
      run.state.cancelledBy = describeSteeringInFull(run.state.issueId, checked);
    },
  );
}

function whyNotPaused(state: IssueState): string | undefined {
  if (state.pause?.by === 'person') return 'the export is already paused';
  return isIdle(state) ? 'nothing is being exported' : undefined;
}

/** No export is open and no request is queued, so a pause would stop nothing. */
function isIdle({ work, queue }: IssueState): boolean {
  return (work.kind === 'idle' || work.kind === 'reporting') && queue.length === 0;
}

/** Still uses up the decision proof, so that a reader of the history can't use its name in a later signal. */
function logNoChange(
  run: Run,
  action: 'pause' | 'resume',
  steering: SteerSignal,
  because: string,
): void | Promise<void> {
  const name = action === 'pause' ? 'Pause' : 'Resume';
  return logSteering(run, action, steering, (sender) => `${name}${sender} changed nothing: ${because}.`);
}
