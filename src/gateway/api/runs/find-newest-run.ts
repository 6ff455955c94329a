import type { Client } from '@temporalio/client';
import { defined } from '../../../collections/defined';
import { grpcStatus, GrpcStatus } from '../../../temporal/grpc';
import type { PendingActivity } from '../operator-api';
import { askTemporal } from './ask-temporal';
import { pendingActivities } from './pending-activities';
import { temporalRefusal } from './temporal-refusal';

export interface NewestRun {
  readonly runId: string;
  /** Temporal's name for the status: `RUNNING`, `PAUSED`, `COMPLETED`, … */
  readonly status: string;
  /** ISO 8601. Absent while the run is open. */
  readonly endedAt?: string;
  readonly pending: readonly PendingActivity[];
}

/**
 * Describes a workflow's newest run.
 * @returns undefined when Temporal has no run of this workflow, or no longer has one.
 * @throws {Refusal} 503 when Temporal does not answer.
 */
export async function findNewestRun(client: Client, workflowId: string): Promise<NewestRun | undefined> {
  try {
    const run = await askTemporal(client, () => client.workflow.getHandle(workflowId).describe());
    return {
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
