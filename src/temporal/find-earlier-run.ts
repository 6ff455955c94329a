import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { defined } from '../collections/defined';
import { withDeadline } from './grpc';
import { earlierWorkflowId } from './names';
import { isOpenRun } from './open-run';

export interface EarlierRun {
  readonly workflowId: string;
  readonly runId: string;
}

/**
 * Finds the open run that an earlier version started under another workflow id. While it is open, it is the
 * issue's only workflow: starting another one would export the issue twice at the same time.
 * @returns undefined, mostly without a call, when there is none.
 * @throws when Temporal does not answer.
 */
export async function findEarlierRun(
  client: Client,
  issueId: string,
  deadlineMs: number,
): Promise<EarlierRun | undefined> {
  const workflowId = earlierWorkflowId(issueId);
  if (workflowId === undefined) return undefined;
  try {
    const describe = () => client.workflow.getHandle(workflowId).describe();
    const { runId, closeTime } = await withDeadline(client, describe, deadlineMs);
    return isOpenRun(defined({ endedAt: closeTime?.toISOString() })) ? { workflowId, runId } : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
