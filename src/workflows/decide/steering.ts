import { defined } from '../../collections/defined';
import { CancellationScope } from '@temporalio/workflow';
import { parseReject } from '../../decisions/parse-decision';
import { type Channel, type Decision, isChannel, type SteerAction } from '../../domain/decision';
import { checkDecision } from '../steps/activity-options';
import type { Run } from '../state/run';
import { describeByWhom, shortenReason } from './describe-decision';
import { hasLongId, reasonForActivity } from './reason-for-activity';

/** What a signal that steers (pauses, resumes or cancels) contains about its sender. */
export interface SteerSignal extends Pick<Decision, 'by' | 'reason' | 'proven' | 'through'> {
  /** Name of the decision proof, which shows that `by` used an operator token. Only the gateway sets it. */
  readonly record?: string;
}

export function parseSteerSignal(args: readonly unknown[]): SteerSignal {
  const { by, reason } = parseReject(args);
  return { ...defined({ by, reason, record: recordFrom(args[0]) }) };
}

/** ` by ann (token) on the page ("reason")`, ` by "ann" (claimed)`; empty for a signal with neither name nor reason. */
export function describeSteering(steering: SteerSignal): string {
  return describe(steering, shortenReason);
}

/** Like `describeSteering`, but with the full reason, for the report. A long issue id still shortens it. */
export function describeSteeringInFull(issueId: string, steering: SteerSignal): string {
  return describe(steering, (reason) => (hasLongId(issueId) ? shortenReason(reason) : reason));
}

/** At most 20 concurrent proof checks: a flood of signals must not fill the history with activities. */
const maxProofChecks = 20;

/**
 * Logs who steers the export: immediately as a claim, and as proven once the decision proof has been found.
 * Never throws.
 * @param toSentence builds the log entry from the result of `describeSteering`. Without a proof all that is known
 *   is that a signal came.
 * @param onChecked called once, after the check; immediately if nothing is checked.
 */
export function logSteering(
  run: Run,
  action: SteerAction,
  steering: SteerSignal,
  toSentence: (sender: string, isProven: boolean) => string,
  onChecked: (steering: SteerSignal) => void = () => undefined,
): void | Promise<void> {
  const { state } = run;
  const entry = run.addLogEntry(toSentence(describeSteering(steering), false));
  const { by, reason, record } = steering;
  if (by === undefined || record === undefined || state.proofChecks >= maxProofChecks)
    return onChecked(steering);
  const { issueId } = state;
  const cutReason = reason === undefined ? undefined : reasonForActivity(issueId, reason);
  const input = { issueId, record, decision: action, by, ...defined({ reason: cutReason }) };
  state.proofChecks += 1;
  return CancellationScope.nonCancellable(() => checkDecision(input))
    .catch(() => false)
    .then((check) => {
      state.proofChecks -= 1;
      const checked = { ...steering, ...readProofCheck(check) };
      run.rewordLogEntry(entry, toSentence(describeSteering(checked), checked.proven));
      onChecked(checked);
    });
}

/** The answer of `checkDecision` may be undecodable; it proves nothing then. */
export function readProofCheck(check: unknown): {
  readonly proven: boolean;
  readonly through?: Channel;
} {
  return isChannel(check) ? { proven: true, through: check } : { proven: check === true };
}

function describe(steering: SteerSignal, cut: (reason: string) => string): string {
  const { reason } = steering;
  return `${describeByWhom(steering)}${reason === undefined ? '' : ` ("${cut(reason)}")`}`;
}

function recordFrom(argument: unknown): string | undefined {
  const record =
    typeof argument === 'object' && argument !== null
      ? (argument as Record<string, unknown>)['record']
      : undefined;
  return typeof record === 'string' && /^[0-9a-f]{1,64}$/.test(record) ? record : undefined;
}
