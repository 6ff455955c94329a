import { condition } from '@temporalio/workflow';
import type { RunState } from '../state/issue-state';

/** Why an export was cancelled, once it is known whether who said so showed a token. @param when `while it waited for approval` */
export async function cancelledReason(run: RunState, when: string): Promise<string> {
  if (run.proving > 0) await condition(() => run.proving === 0);
  return `It was cancelled${run.cancelledBecause ?? ''} ${when}.`;
}
