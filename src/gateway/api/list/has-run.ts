import type { Client } from '@temporalio/client';
import { exportWorkflowId } from '../../../temporal/names';
import { findNewestRun } from '../runs/find-newest-run';

/**
 * Creates a check whether Temporal has a run for an issue. An issue without one is listed from its report in
 * the store. After the first failed call the check answers false without asking: a list of hundreds would
 * wait for each time-out.
 * @param isReachable false: Temporal has already failed to answer this list.
 */
export function createHasRun(client: Client, isReachable: boolean): (issueId: string) => Promise<boolean> {
  let isAnswering = isReachable;
  return async (issueId) => {
    if (!isAnswering) return false;
    try {
      return (await findNewestRun(client, exportWorkflowId(issueId))) !== undefined;
    } catch {
      isAnswering = false;
      return false;
    }
  };
}
