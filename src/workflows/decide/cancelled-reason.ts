import { condition } from '@temporalio/workflow';
import type { IssueState } from '../state/issue-state';

/**
 * Waits until all decision proofs are checked, because the report states whether a token proved the sender's
 * name.
 * @param when the end of the sentence, e.g. `while it waited for approval`.
 */
export async function cancelledReason(state: IssueState, when: string): Promise<string> {
  if (state.proofChecks > 0) await condition(() => state.proofChecks === 0);
  return `It was cancelled${state.cancelledBy ?? ''} ${when}.`;
}
