import { defined } from '../../collections/defined';
import { CancellationScope } from '@temporalio/workflow';
import { parseReject } from '../../decisions/parse-decision';
import type { Decision, SteerAction } from '../../domain/decision';
import { checkDecision } from '../steps/activity-options';
import { shortenReason, describeSender } from './decide';
import type { Run } from '../state/run';
import { hasLongId, reasonForActivity } from './reason-for-activity';

/** What a signal that pauses, resumes or cancels says of its sender. */
export interface SteerSignal extends Pick<Decision, 'by' | 'reason' | 'proven'> {
  /** From the gateway alone: its record in the store, the proof that `by` showed a token. */
  readonly record?: string;
}

export function parseSteerSignal(args: readonly unknown[]): SteerSignal {
  const { by, reason } = parseReject(args);
  const record = recordIn(args[0]);
  return {
    ...defined({ by, reason, record }),
  };
}

/** ` by ann (token) ("reason")`, ` by "ann" (claimed)`; empty when nothing is said. */
export function describeSteering(steering: SteerSignal): string {
  return describe(steering, shortenReason);
}

/** The same with the whole reason, as the report of a cancelled export has it; cut where a long issue id leaves no room. */
export function describeSteeringInFull(issueId: string, steering: SteerSignal): string {
  return describe(steering, (reason) => (hasLongId(issueId) ? shortenReason(reason) : reason));
}

function describe({ by, reason, proven }: SteerSignal, cut: (reason: string) => string): string {
  const who =
    by === undefined ? '' : ` by ${describeSender({ kind: 'reject', by, ...(proven ? { proven } : {}) })}`;
  return `${who}${reason === undefined ? '' : ` ("${cut(reason)}")`}`;
}

/** Records that are looked for at once: a flood of signals, from whoever reaches Temporal, must not fill the run with activities. */
const maxConcurrentProofs = 20;

/**
 * Notes who steers: as a claim at once, and as proven once the record that a token left is found. Never throws.
 * @param sentence the line of the log. @param then told who steers when nothing more will be known.
 */
export function logSteering(
  run: Run,
  decision: SteerAction,
  steering: SteerSignal,
  sentence: (words: string) => string,
  then: (steering: SteerSignal) => void = () => undefined,
): void | Promise<void> {
  const entry = run.addLogEntry(sentence(describeSteering(steering)));
  const { by, reason, record } = steering;
  if (by === undefined || record === undefined || run.proving >= maxConcurrentProofs) return then(steering);
  const wanted = {
    issueId: run.issueId,
    record,
    decision,
    by,
    ...defined({ reason: reason === undefined ? undefined : reasonForActivity(run.issueId, reason) }),
  };
  run.proving += 1;
  return CancellationScope.nonCancellable(() => checkDecision(wanted))
    .catch(() => false)
    .then((found) => {
      run.proving -= 1;
      const proven = { ...steering, proven: found === true };
      run.rewordLogEntry(entry, sentence(describeSteering(proven)));
      then(proven);
    });
}

function recordIn(said: unknown): string | undefined {
  const record =
    typeof said === 'object' && said !== null ? (said as Record<string, unknown>)['record'] : undefined;
  return typeof record === 'string' && /^[0-9a-f]{1,64}$/.test(record) ? record : undefined;
}
