import { createHash } from 'node:crypto';
import type { DecideArgs, Progress } from '../../../workflows/messages';

/** Hex digits that name a decision about one attempt; the other eight name the question. */
const decisionDigits = 24;

/**
 * Names a decision's proof. The name is the update id too, so the same decision about the same question of a
 * run counts once, however often it is retried. The question of a later run gets another name: a proof is
 * good for one use.
 */
export function decisionProofName(
  issueId: string,
  runId: string,
  args: DecideArgs,
  progress: Progress | undefined,
): string {
  const { revision, attempt, approval } = progress ?? {};
  const decision = digest([issueId, args, revision, attempt]).slice(0, decisionDigits);
  return `${decision}${digest([runId, approval?.question, approval?.upTo]).slice(0, 8)}`;
}

/** True for two names of the same decision about the same attempt, even when their questions differ. */
export function isSameDecision(name: string, other: string): boolean {
  return name.slice(0, decisionDigits) === other.slice(0, decisionDigits);
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
