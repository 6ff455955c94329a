import type { Client } from '@temporalio/client';
import { askTemporal } from './ask-temporal';
import type { VisibleRun } from './visibility';

/** Whether no later run of the same issue is there: older ones are not listed. One that runs is the newest. */
export async function isNewestRun(client: Client, { workflowId, runId, status }: VisibleRun): Promise<boolean> {
  if (status === 'RUNNING') return true;
  const newest = await askTemporal(client, () => client.workflow.getHandle(workflowId).describe());
  return newest.runId === runId;
}
