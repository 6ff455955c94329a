import { WorkflowNotFoundError } from '@temporalio/common';
import { grpcStatus, GrpcStatus } from '../../../temporal/grpc';
import { Refusal } from '../../http/refusal';

/** The refusal for an error of a Temporal call. */
export function temporalRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof WorkflowNotFoundError)
    return new Refusal(409, 'export-closed', 'the export ended just now; look at its report.');
  const status = grpcStatus(error);
  if (status === GrpcStatus.INVALID_ARGUMENT) return badPage();
  if (status === GrpcStatus.PERMISSION_DENIED || status === GrpcStatus.UNAUTHENTICATED)
    return new Refusal(
      503,
      'temporal-refuses',
      'Temporal refuses the gateway’s own key; its operator must mend it.',
      retry,
    );
  return new Refusal(503, 'no-temporal', 'Temporal does not answer now; try again in a moment.', retry);
}

export function badPage(): Refusal {
  return new Refusal(
    400,
    'bad-page',
    'this page of the list is not one that Temporal knows; begin again with the first.',
  );
}

/** Seconds. */
const retry = { 'Retry-After': '5' };
