import type { Client } from '@temporalio/client';
import { findNewestRun } from '../runs/find-newest-run';

/**
 * Creates a function that checks whether Temporal has a run for an issue. An issue without one is listed from
 * its report in the store. After the first failed call it returns false without calling Temporal: otherwise a
 * list of hundreds of issues would wait for hundreds of time-outs.
 * @param isReachable false when Temporal has already failed to answer for this list.
 */
export function createHasRun(client: Client, isReachable: boolean): (issueId: string) => Promise<boolean> {
  let isAnswering = isReachable;
  return async (issueId) => {
    if (!isAnswering) return false;
    try {
      return (await findNewestRun(client, issueId)) !== undefined;
    } catch {
      isAnswering = false;
      return false;
    }
  };
}
