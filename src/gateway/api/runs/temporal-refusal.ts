import { WorkflowNotFoundError } from '@temporalio/common';
import { describeTemporalError, grpcStatus, GrpcStatus } from '../../../temporal/grpc';
import { Refusal, refuse } from '../../http/refusal';

/** The refusal for an error from a call to Temporal. */
export function temporalRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof WorkflowNotFoundError) return refuse('export-closed', { kind: 'just-now' });
  const status = grpcStatus(error);
  if (status === GrpcStatus.FAILED_PRECONDITION && /\bpaused\b/i.test(describeTemporalError(error)))
    return refuse('paused-in-temporal', 'temporal workflow unpause'); // paused since the query
  if (status === GrpcStatus.INVALID_ARGUMENT) return badPage();
  if (status === GrpcStatus.PERMISSION_DENIED || status === GrpcStatus.UNAUTHENTICATED)
    return refuse('temporal-refuses');
  return refuse('no-temporal');
}

export function badPage(): Refusal {
  return refuse('bad-page', 'Temporal');
}
