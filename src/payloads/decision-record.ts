import { decisionKey } from './keys';
import { PayloadNotFound, type PayloadStore } from './payload-store';
import { readJson, writeJson } from './read-whole';

/** What the gateway wrote down of a decision, after its operator showed a token and before the workflow was asked. */
export interface DecisionRecord {
  readonly issueId: string;
  readonly decision: 'approve' | 'reject';
  readonly revision: string;
  /** The operator whose token was shown. */
  readonly by: string;
  /** Whole, at most 2,000 characters. */
  readonly reason?: string;
  readonly upTo?: number;
  readonly at: string;
}

export async function putDecisionRecord(store: PayloadStore, record: string, decision: DecisionRecord): Promise<void> {
  await writeJson(store, decisionKey(decision.issueId, record), decision);
}

/** The record, or undefined when there is none. */
export async function readDecisionRecord(store: PayloadStore, issueId: string, record: string): Promise<DecisionRecord | undefined> {
  try {
    return await readJson<DecisionRecord>(store, decisionKey(issueId, record));
  } catch (error) {
    if (error instanceof PayloadNotFound) return undefined;
    throw error;
  }
}
