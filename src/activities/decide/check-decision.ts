import { activityInfo } from '@temporalio/activity';
import { type DecisionProof, writeDecisionProof, readDecisionProof } from '../../payloads/decision-proofs';
import type { PayloadStore } from '../../payloads/payload-store';
import type { CheckDecisionInput } from '../contracts';
import { toActivityFailure } from '../failures';

/**
 * Whether the gateway wrote down this very decision, and nothing else has used it. Who can only reach
 * Temporal cannot write into the store, so the record tells a decision with a token from one that merely
 * claims a name; it is good for one use, as its name can be read in the history.
 */
export function createCheckDecision({
  store,
}: {
  store: PayloadStore;
}): (input: CheckDecisionInput) => Promise<boolean> {
  return (input) =>
    toActivityFailure('looking for the record of a decision', async () => {
      const found = await readDecisionProof(store, input.issueId, input.record);
      if (!found || !isTheSame(found, input)) return false;
      const usedBy = thisUse();
      if (found.usedBy !== undefined) return found.usedBy === usedBy;
      await writeDecisionProof(store, input.record, { ...found, usedBy });
      return true;
    });
}

function isTheSame(
  found: DecisionProof,
  { issueId, decision, revision, by, reason, upTo }: CheckDecisionInput,
): boolean {
  return (
    found.issueId === issueId &&
    found.decision === decision &&
    found.revision === revision &&
    found.by === by &&
    (reason === undefined ? found.reason === undefined : found.reason?.startsWith(reason) === true) && // beside a long id it was cut
    found.upTo === upTo
  );
}

/** The same in every attempt of this activity, and in no other. */
function thisUse(): string {
  const { workflowExecution, activityId } = activityInfo();
  return `${workflowExecution?.runId ?? ''}/${activityId}`;
}
