import { condition } from '@temporalio/workflow';
import type { IssueState } from '../state/issue-state';

/**
 * Waits until the sender's proof is checked: the report shows whether a token proved the name.
 * @param when the rest of the sentence: `while it waited for approval`
 */
export async function cancelledReason(state: IssueState, when: string): Promise<string> {
  if (state.proofChecks > 0) await condition(() => state.proofChecks === 0);
  return `It was cancelled${state.cancelledBy ?? ''} ${when}.`;
}
