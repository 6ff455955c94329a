import type { Client } from '@temporalio/client';
import { grpcStatus, GrpcStatus } from '../../../temporal/grpc';
import { askTemporal } from './ask-temporal';
import { temporalRefusal } from './temporal-refusal';

export interface NewestRun {
  readonly runId: string;
  /** Temporal's name for the status: `RUNNING`, `COMPLETED`, … */
  readonly status: string;
}

/**
 * Describes a workflow's newest run.
 * @returns undefined when Temporal has no run of this workflow, or no longer has one.
 * @throws {Refusal} 503 when Temporal does not answer.
 */
export async function findNewestRun(client: Client, workflowId: string): Promise<NewestRun | undefined> {
  try {
    const { runId, status } = await askTemporal(client, () =>
      client.workflow.getHandle(workflowId).describe(),
    );
    return { runId, status: status.name };
  } catch (error) {
    if (grpcStatus(error) === GrpcStatus.NOT_FOUND) return undefined;
    throw temporalRefusal(error);
  }
}
