import { status as GrpcStatus } from '@grpc/grpc-js';
import { type Client, isGrpcServiceError, ServiceError } from '@temporalio/client';
import { NamespaceNotFoundError, WorkflowNotFoundError } from '@temporalio/common';
import { withinMs } from './within-ms';

export { GrpcStatus };

/** The connection itself produces these statuses when no Temporal server answers. */
const away: ReadonlySet<GrpcStatus> = new Set([GrpcStatus.DEADLINE_EXCEEDED, GrpcStatus.UNAVAILABLE]);

/**
 * The SDK's own "not found" errors have no status any more, so this restores it.
 * @returns the gRPC status of an error; undefined when it has none.
 */
export function grpcStatus(error: unknown): GrpcStatus | undefined {
  if (error instanceof WorkflowNotFoundError || error instanceof NamespaceNotFoundError)
    return GrpcStatus.NOT_FOUND;
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}

/** Whether a call failed because no server answered it. */
export function isAway(error: unknown): boolean {
  const status = grpcStatus(error);
  return status === undefined || away.has(status);
}

/** @returns the server's own message, or the error's, cut to 200 characters. */
export function describeTemporalError(error: unknown): string {
  const cause = error instanceof ServiceError && error.cause instanceof Error ? error.cause : error;
  return (cause instanceof Error ? cause.message : String(cause)).slice(0, 200);
}

/**
 * Runs `call` with a deadline. The SDK's own deadline overshoots, so a timer races it.
 * @param late creates the error for a call that takes longer.
 */
export async function withDeadline<T>(
  client: Pick<Client, 'connection'>,
  call: () => Promise<T>,
  deadlineMs: number,
  late: () => Error = () => new Error(`Temporal did not answer within ${deadlineMs / 1000} s.`),
): Promise<T> {
  return withinMs(deadlineMs, late, () => client.connection.withDeadline(Date.now() + deadlineMs, call));
}
