import { readDecisionRecord } from '../payloads/decision-record';
import type { PayloadStore } from '../payloads/payload-store';
import type { CheckDecisionInput } from './contracts';
import { inSentences } from './failures';

/**
 * Whether the gateway wrote down this very decision. Who can only reach Temporal cannot write into the store, so the record
 * tells a decision with a token from one that merely claims a name.
 */
export function createCheckDecision({ store }: { store: PayloadStore }): (input: CheckDecisionInput) => Promise<boolean> {
  return ({ issueId, record, decision, revision, by, upTo }) =>
    inSentences('looking for the record of a decision', async () => {
      const found = await readDecisionRecord(store, issueId, record);
      return (
        found !== undefined &&
        found.issueId === issueId &&
        found.decision === decision &&
        found.revision === revision &&
        found.by === by &&
        found.upTo === upTo
      );
    });
}
