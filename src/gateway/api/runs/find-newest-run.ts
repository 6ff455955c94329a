import type { Client } from '@temporalio/client';
import { defined } from '../../../collections/defined';
import { grpcStatus, GrpcStatus } from '../../../temporal/grpc';
import { earlierWorkflowId, exportWorkflowId } from '../../../temporal/names';
import { isOpenRun } from '../../../temporal/open-run';
import type { PendingActivity } from '../operator-api';
import { askTemporal } from './ask-temporal';
import { pendingActivities } from './pending-activities';
import { temporalRefusal } from './temporal-refusal';

export interface NewestRun {
  readonly workflowId: string;
  readonly runId: string;
  /** Temporal's name for the status: `RUNNING`, `PAUSED`, `COMPLETED`, … */
  readonly status: string;
  /** ISO 8601. Absent while the run is open. */
  readonly endedAt?: string;
  readonly pending: readonly PendingActivity[];
}

/**
 * Describes the newest run of an issue. While a run that an earlier version started under another workflow id is
 * open, that run is the newest.
 * @returns undefined when Temporal has no run of this issue, or no longer has one.
 * @throws {Refusal} 503 when Temporal does not answer.
 */
export async function findNewestRun(client: Client, issueId: string): Promise<NewestRun | undefined> {
  const earlierId = earlierWorkflowId(issueId);
  const run = await findNewestRunOfWorkflow(client, exportWorkflowId(issueId));
  if (earlierId === undefined) return run;
  const earlier = await findNewestRunOfWorkflow(client, earlierId);
  return earlier && (!run || isOpenRun(earlier)) ? earlier : run;
}

/**
 * Describes a workflow's newest run.
 * @returns undefined when Temporal has no run of this workflow, or no longer has one.
 * @throws {Refusal} 503 when Temporal does not answer.
 */
export async function findNewestRunOfWorkflow(
  client: Client,
  workflowId: string,
): Promise<NewestRun | undefined> {
  try {
    const run = await askTemporal(client, () => client.workflow.getHandle(workflowId).describe());
    return {
      workflowId,
      runId: run.runId,
      status: run.status.name,
      ...defined({ endedAt: run.closeTime?.toISOString() }),
      pending: pendingActivities(client, run),
    };
  } catch (error) {
    if (grpcStatus(error) === GrpcStatus.NOT_FOUND) return undefined;
    throw temporalRefusal(error);
  }
}
