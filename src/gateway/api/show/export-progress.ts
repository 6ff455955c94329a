import type { Client } from '@temporalio/client';
import { exportWorkflowId } from '../../../temporal/names';
import { grpcStatus, GrpcStatus, withDeadline } from '../../../temporal/grpc';
import { type Progress, progressQuery } from '../../../workflows/messages';
import { Refusal, refuse } from '../../http/refusal';

/** A worker that answers no query within this is taken for away. */
const deadlineMs = 5000;

/** The workflow's own answer to `progress`; undefined when Temporal knows no export of the issue. @throws {Refusal} 503 when no worker, or no Temporal, answers. */
export async function exportProgress(client: Client, issueId: string): Promise<Progress | undefined> {
  return workflowProgress(client, exportWorkflowId(issueId));
}

/** The same by the workflow's id: visibility knows long issue ids only in part. */
export async function workflowProgress(client: Client, workflowId: string): Promise<Progress | undefined> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await withDeadline(client, () => handle.query(progressQuery), deadlineMs, noAnswer);
  } catch (error) {
    if (grpcStatus(error) === GrpcStatus.NOT_FOUND) return undefined;
    if (error instanceof Refusal) throw error;
    throw grpcStatus(error) === GrpcStatus.UNAVAILABLE ? refuse('no-temporal') : noAnswer();
  }
}

function noAnswer(): Refusal {
  return refuse('no-worker', 'progress');
}
