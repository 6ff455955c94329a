import type { Client } from '@temporalio/client';
import { isOpenRun } from '../../../temporal/open-run';
import { isWorkflowOf } from '../../../temporal/names';
import { findNewestRun, findNewestRunOfWorkflow } from '../runs/find-newest-run';
import type { VisibleRun } from '../runs/visibility';

/**
 * Checks whether a run is its issue's newest, because a list shows only the newest. A run that is open always
 * is. A run that only visibility still has is not.
 * @throws {Refusal} 503 when Temporal does not answer.
 */
export async function isNewestRun(client: Client, run: VisibleRun): Promise<boolean> {
  if (isOpenRun(run)) return true;
  const { issueId, workflowId, runId } = run;
  const newest = isWorkflowOf(issueId, workflowId) // false when visibility has truncated the issue id
    ? await findNewestRun(client, issueId)
    : await findNewestRunOfWorkflow(client, workflowId);
  return newest?.runId === runId;
}
