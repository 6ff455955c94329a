import { condition } from '@temporalio/workflow';
import type { IssueState } from '../state/issue-state';

/**
 * Waits until the proof of the sender is checked, so that the report says whether a token proved the sender.
 * @param when the rest of the sentence: `while it waited for approval`
 */
export async function cancelledReason(state: IssueState, when: string): Promise<string> {
  if (state.proofChecks > 0) await condition(() => state.proofChecks === 0);
  return `It was cancelled${state.cancelledBy ?? ''} ${when}.`;
}
