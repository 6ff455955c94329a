import { type Client, QueryRejectedError } from '@temporalio/client';
import { namespaceFlag, unpauseRunCommand } from '../../../temporal/unpause-commands';
import { grpcStatus, GrpcStatus, withDeadline } from '../../../temporal/grpc';
import { type Progress, progressQuery } from '../../../workflows/messages';
import { Refusal, refuse } from '../../http/refusal';

/** In ms. An operator is waiting. A worker that takes longer counts as absent. */
const deadlineMs = 5000;

/**
 * Queries the progress of the export that a workflow carries out.
 * @returns undefined when Temporal has no such workflow.
 * @throws {Refusal} 409 when Temporal itself paused the run; 503 when the worker or Temporal does not answer.
 */
export async function queryProgress(client: Client, workflowId: string): Promise<Progress | undefined> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await withDeadline(client, () => handle.query(progressQuery), deadlineMs, noAnswer);
  } catch (error) {
    if (grpcStatus(error) === GrpcStatus.NOT_FOUND) return undefined;
    if (error instanceof Refusal) throw error;
    // Requeue sets no reject condition, so Temporal rejects only a query to a run that it paused.
    if (error instanceof QueryRejectedError)
      throw refuse(
        'paused-in-temporal',
        unpauseRunCommand(workflowId, namespaceFlag(client.options.namespace)),
      );
    throw grpcStatus(error) === GrpcStatus.UNAVAILABLE ? refuse('no-temporal') : noAnswer();
  }
}

function noAnswer(): Refusal {
  return refuse('no-worker', 'progress');
}
