import { clock } from '../clock/clock';
import { formatDuration } from '../text/duration';
import { status as GrpcStatus } from '@grpc/grpc-js';
import { type Client, isGrpcServiceError, ServiceError } from '@temporalio/client';
import { NamespaceNotFoundError, WorkflowNotFoundError } from '@temporalio/common';
import { withinMs } from './within-ms';

export { GrpcStatus };

/** The gRPC client itself sets these statuses when no Temporal server answers. */
const unreachable: ReadonlySet<GrpcStatus> = new Set([GrpcStatus.DEADLINE_EXCEEDED, GrpcStatus.UNAVAILABLE]);

/**
 * The SDK's "not found" errors no longer have a status, so they are mapped back to one.
 * @returns an error's gRPC status; undefined when it has none.
 */
export function grpcStatus(error: unknown): GrpcStatus | undefined {
  if (error instanceof WorkflowNotFoundError || error instanceof NamespaceNotFoundError)
    return GrpcStatus.NOT_FOUND;
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}

/**
 * @returns whether a call failed because no server answered. An error without a status counts as no answer.
 */
export function isUnreachable(error: unknown): boolean {
  const status = grpcStatus(error);
  return status === undefined || unreachable.has(status);
}

/** @returns the server's message, or else the error's, truncated to 200 characters. */
export function describeTemporalError(error: unknown): string {
  const cause = error instanceof ServiceError && error.cause instanceof Error ? error.cause : error;
  return (cause instanceof Error ? cause.message : String(cause)).slice(0, 200);
}

/**
 * Runs `call` with a deadline. A timer enforces the deadline, because the SDK exceeds its own.
 * @param late creates the error to throw when the call takes longer.
 */
export async function withDeadline<T>(
  client: Pick<Client, 'connection'>,
  call: () => Promise<T>,
  deadlineMs: number,
  late: () => Error = () =>
    new Error(`Temporal did not answer within ${formatDuration(deadlineMs, 'seconds')}.`),
): Promise<T> {
  return withinMs(deadlineMs, late, () => client.connection.withDeadline(clock.now() + deadlineMs, call));
}
