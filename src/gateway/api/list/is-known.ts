import type { Client } from '@temporalio/client';
import { exportWorkflowId } from '../../../temporal/names';
import { grpcStatus, GrpcStatus } from '../../../temporal/grpc';
import { askTemporal } from '../decide/ask-temporal';
import { temporalRefusal } from '../decide/temporal-refusal';

export interface KnownRun {
  readonly runId: string;
  /** As Temporal names it: `RUNNING`, `COMPLETED`, … */
  readonly status: string;
}

/**
 * Whether Temporal knows an export of an issue. While it is away nothing is known: the store's reports are shown. Once it did not
 * answer it is not asked again: a list of hundreds would wait for each.
 */
export function createIsKnown(client: Client, isThere: boolean): (issueId: string) => Promise<boolean> {
  let answers = isThere;
  return async (issueId) => {
    if (!answers) return false;
    try {
      return (await findNewestRun(client, exportWorkflowId(issueId))) !== undefined;
    } catch {
      answers = false;
      return false;
    }
  };
}

/** A workflow's newest run; undefined when Temporal has none, or none any more. @throws {Refusal} 503 */
export async function findNewestRun(client: Client, workflowId: string): Promise<KnownRun | undefined> {
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
