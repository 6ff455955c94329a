import { activityInfo } from '@temporalio/activity';
import { type DecisionProof, writeDecisionProof, readDecisionProof } from '../../payloads/decision-proofs';
import type { Channel } from '../../domain/decision';
import type { PayloadStore } from '../../payloads/payload-store';
import type { CheckDecisionInput } from '../contracts';
import { toActivityFailure } from '../failures';
import type { BackOff } from '../retry-delay';

/** In ms. Short: an operator is waiting for the answer. */
const backOff: BackOff = { firstMs: 200, maxMs: 5000 };

/**
 * Checks that the store has a decision proof that matches exactly, and marks it as used. A proof shows that
 * the decision came with a token: a sender that can reach only Temporal can claim a name, but can't write
 * into the store. A proof is good for only one use, because anyone who can read the history can read its
 * name.
 * @returns false if no proof matches, or if another activity has used it; otherwise the proof's channel, or true
 *   if it has none.
 */
export function createCheckDecision({
  store,
}: {
  store: PayloadStore;
}): (input: CheckDecisionInput) => Promise<boolean | Channel> {
  return (input) =>
    toActivityFailure(
      'checking a decision proof',
      async () => {
        const proof = await readDecisionProof(store, input.issueId, input.record);
        if (!proof || !isMatch(proof, input)) return false;
        const usedBy = activityKey();
        if (proof.usedBy !== undefined && proof.usedBy !== usedBy) return false;
        if (proof.usedBy === undefined) await writeDecisionProof(store, input.record, { ...proof, usedBy }); // else a retry of this activity
        return proof.through ?? true;
      },
      backOff,
    );
}

function isMatch(
  proof: DecisionProof,
  { issueId, decision, revision, by, reason, upTo, plan, writtenBefore }: CheckDecisionInput,
): boolean {
  const isSameReason =
    reason === undefined ? proof.reason === undefined : proof.reason?.startsWith(reason) === true; // the workflow truncates it beside a long id
  return (
    proof.issueId === issueId &&
    proof.decision === decision &&
    proof.revision === revision &&
    proof.by === by &&
    proof.upTo === upTo &&
    proof.plan === plan &&
    (writtenBefore === undefined || Date.parse(proof.at) < Date.parse(writtenBefore)) &&
    isSameReason
  );
}

/** The same in every retry of this activity; different for every other activity. */
function activityKey(): string {
  const { workflowExecution, activityId } = activityInfo();
  return `${workflowExecution?.runId ?? ''}/${activityId}`;
}
