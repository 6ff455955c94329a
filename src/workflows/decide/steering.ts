import { CancellationScope } from '@temporalio/workflow';
import { parseReject } from '../../decisions/parse-decision';
import type { Decision } from '../../domain/decision';
import { checkDecision } from '../steps/activity-options';
import { cutWords, whoSaid } from './decide';
import type { Run } from '../state/run-context';
import { hasLongId, wordsForActivity } from './reason-for-activity';

/** What a signal that pauses, resumes or cancels says of its sender. */
export interface Steering extends Pick<Decision, 'by' | 'reason' | 'proven'> {
  /** From the gateway alone: its record in the store, the proof that `by` showed a token. */
  readonly record?: string;
}

export function hearSteering(args: readonly unknown[]): Steering {
  const { by, reason } = parseReject(args);
  const record = recordIn(args[0]);
  return {
    ...(by === undefined ? {} : { by }),
    ...(reason === undefined ? {} : { reason }),
    ...(record === undefined ? {} : { record }),
  };
}

/** ` by ann (token) ("reason")`, ` by "ann" (claimed)`; empty when nothing is said. */
export function wordsOf(steering: Steering): string {
  return inWords(steering, cutWords);
}

/** The same with the whole reason, as the report of a cancelled export has it; cut where a long issue id leaves no room. */
export function wholeWordsOf(issueId: string, steering: Steering): string {
  return inWords(steering, (reason) => (hasLongId(issueId) ? cutWords(reason) : reason));
}

function inWords({ by, reason, proven }: Steering, cut: (reason: string) => string): string {
  const who = by === undefined ? '' : ` by ${whoSaid({ kind: 'reject', by, ...(proven ? { proven } : {}) })}`;
  return `${who}${reason === undefined ? '' : ` ("${cut(reason)}")`}`;
}

/** Records that are looked for at once: a flood of signals, from whoever reaches Temporal, must not fill the run with activities. */
const mostProofs = 20;

/**
 * Notes who steers: as a claim at once, and as proven once the record that a token left is found. Never throws.
 * @param sentence the line of the log. @param then told who steers when nothing more will be known.
 */
export function noteSteering(
  run: Run,
  decision: 'pause' | 'resume' | 'cancel',
  steering: Steering,
  sentence: (words: string) => string,
  then: (steering: Steering) => void = () => undefined,
): void | Promise<void> {
  const entry = run.note(sentence(wordsOf(steering)));
  const { by, reason, record } = steering;
  if (by === undefined || record === undefined || run.proving >= mostProofs) return then(steering);
  const wanted = {
    issueId: run.issueId,
    record,
    decision,
    by,
    ...(reason === undefined ? {} : { reason: wordsForActivity(run.issueId, reason) }),
  };
  run.proving += 1;
  return CancellationScope.nonCancellable(() => checkDecision(wanted))
    .catch(() => false)
    .then((found) => {
      run.proving -= 1;
      const proven = { ...steering, proven: found === true };
      run.reword(entry, sentence(wordsOf(proven)));
      then(proven);
    });
}

function recordIn(said: unknown): string | undefined {
  const record = typeof said === 'object' && said !== null ? (said as Record<string, unknown>)['record'] : undefined;
  return typeof record === 'string' && /^[0-9a-f]{1,64}$/.test(record) ? record : undefined;
}
