import { createHash } from 'node:crypto';
import type { DecideArgs, Progress } from '../../../workflows/messages';

/** Hex digits that identify the decision and its attempt. The remaining eight identify the question. */
const decisionDigits = 24;

/**
 * Names a decision proof. The name is also the update id, so the same decision on the same question of a run
 * counts once, however often it is retried. A question of a later run yields a different name, because a
 * proof is good for one use.
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

/** True when both names are for the same decision on the same attempt, even if their questions differ. */
export function isSameDecision(name: string, other: string): boolean {
  return name.slice(0, decisionDigits) === other.slice(0, decisionDigits);
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
