import { createHash } from 'node:crypto';
import type { DecideArgs, Progress } from '../../../workflows/messages';

/** Hex digits that every try of one decision about one attempt has in common; the rest tells the question. */
const sameDigits = 24;

/**
 * The name of a decision's record, which is its update id too: the same decision about the same question of a run has the same, so
 * that it counts once however often it is tried. A later run's question is another: a record is good for one use.
 */
export function decisionProofName(
  issueId: string,
  runId: string,
  args: DecideArgs,
  progress: Progress | undefined,
): string {
  const { revision, attempt, approval } = progress ?? {};
  const decision = digest([issueId, args, revision, attempt]).slice(0, sameDigits);
  return `${decision}${digest([runId, approval?.question, approval?.upTo]).slice(0, 8)}`;
}

/** Whether two names are of the same decision about the same attempt, whatever was asked. */
export function isSameDecision(one: string, other: string): boolean {
  return one.slice(0, sameDigits) === other.slice(0, sameDigits);
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
