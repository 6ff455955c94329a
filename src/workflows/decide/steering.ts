import { defined } from '../../collections/defined';
import { CancellationScope } from '@temporalio/workflow';
import { parseReject } from '../../decisions/parse-decision';
import type { Decision, SteerAction } from '../../domain/decision';
import { checkDecision } from '../steps/activity-options';
import type { Run } from '../state/run';
import { describeSender, shortenReason } from './describe-decision';
import { hasLongId, reasonForActivity } from './reason-for-activity';

/** What a signal that pauses, resumes or cancels tells about its sender. */
export interface SteerSignal extends Pick<Decision, 'by' | 'reason' | 'proven'> {
  /** From the gateway alone: the name of the proof that `by` showed an operator's token. */
  readonly record?: string;
}

export function parseSteerSignal(args: readonly unknown[]): SteerSignal {
  const { by, reason } = parseReject(args);
  return { ...defined({ by, reason, record: recordFrom(args[0]) }) };
}

/** ` by ann (token) ("reason")`, ` by "ann" (claimed)`; empty for a signal without name and reason. */
export function describeSteering(steering: SteerSignal): string {
  return describe(steering, shortenReason);
}

/** The same with the whole reason, for a report; shortened only beside a long issue id. */
export function describeSteeringInFull(issueId: string, steering: SteerSignal): string {
  return describe(steering, (reason) => (hasLongId(issueId) ? shortenReason(reason) : reason));
}

/** At most 20 proofs are checked at once: a flood of signals must not fill the history with activities. */
const maxProofChecks = 20;

/**
 * Logs who steers: as a claim at once, and as proven after the gateway's proof is found. Never throws.
 * @param toSentence makes the log entry from the words of `describeSteering`.
 * @param onChecked called once, when nothing more will be known about the sender.
 */
export function logSteering(
  run: Run,
  action: SteerAction,
  steering: SteerSignal,
  toSentence: (sender: string) => string,
  onChecked: (steering: SteerSignal) => void = () => undefined,
): void | Promise<void> {
  const { state } = run;
  const entry = run.addLogEntry(toSentence(describeSteering(steering)));
  const { by, reason, record } = steering;
  if (by === undefined || record === undefined || state.proofChecks >= maxProofChecks)
    return onChecked(steering);
  const { issueId } = state;
  const cutReason = reason === undefined ? undefined : reasonForActivity(issueId, reason);
  const input = { issueId, record, decision: action, by, ...defined({ reason: cutReason }) };
  state.proofChecks += 1;
  return CancellationScope.nonCancellable(() => checkDecision(input))
    .catch(() => false)
    .then((isFound) => {
      state.proofChecks -= 1;
      const checked = { ...steering, proven: isFound === true };
      run.rewordLogEntry(entry, toSentence(describeSteering(checked)));
      onChecked(checked);
    });
}

function describe({ by, reason, proven }: SteerSignal, cut: (reason: string) => string): string {
  const sender = by === undefined ? '' : ` by ${describeSender({ by, ...defined({ proven }) })}`;
  return `${sender}${reason === undefined ? '' : ` ("${cut(reason)}")`}`;
}

function recordFrom(argument: unknown): string | undefined {
  const record =
    typeof argument === 'object' && argument !== null
      ? (argument as Record<string, unknown>)['record']
      : undefined;
  return typeof record === 'string' && /^[0-9a-f]{1,64}$/.test(record) ? record : undefined;
}
