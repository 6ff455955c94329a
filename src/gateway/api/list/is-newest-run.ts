import type { Client } from '@temporalio/client';
import { findNewestRun } from '../runs/find-newest-run';
import type { VisibleRun } from '../runs/visibility';

/**
 * Checks that a run is its issue's newest, since a list shows only that one. A running one always is. A run
 * that only visibility remembers is not.
 * @throws {Refusal} 503 when Temporal does not answer.
 */
export async function isNewestRun(
  client: Client,
  { workflowId, runId, status }: VisibleRun,
): Promise<boolean> {
  return status === 'RUNNING' || (await findNewestRun(client, workflowId))?.runId === runId;
}
