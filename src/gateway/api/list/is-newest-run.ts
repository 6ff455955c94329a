import type { Client } from '@temporalio/client';
import { isOpenRun } from '../../../temporal/open-run';
import { findNewestRun } from '../runs/find-newest-run';
import type { VisibleRun } from '../runs/visibility';

/**
 * Checks whether a run is its issue's newest, because a list shows only the newest. A run that is open always
 * is. A run that only visibility still has is not.
 * @throws {Refusal} 503 when Temporal does not answer.
 */
export async function isNewestRun(client: Client, run: VisibleRun): Promise<boolean> {
  return isOpenRun(run) || (await findNewestRun(client, run.workflowId))?.runId === run.runId;
}
