import type { Client } from '@temporalio/client';
import { findNewestRun } from './is-known';
import type { VisibleRun } from './visibility';

/**
 * Whether no later run of the same issue is there: older ones are not listed, nor those that visibility alone remembers. One that
 * runs is the newest. @throws {Refusal} 503
 */
export async function isNewestRun(
  client: Client,
  { workflowId, runId, status }: VisibleRun,
): Promise<boolean> {
  return status === 'RUNNING' || (await findNewestRun(client, workflowId))?.runId === runId;
}
