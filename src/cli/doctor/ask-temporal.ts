import { formatDuration } from '../../text/duration';
import { type Connection, isGrpcServiceError } from '@temporalio/client';
import type { TemporalClient } from '../../gateway/start-gateway';
import { GrpcStatus, grpcStatus, withDeadline } from '../../temporal/grpc';
import { cutToUnits } from '../../text/cut';

/** Time limit for one call, in ms. An operator is waiting, and a healthy server answers immediately. */
const callMs = 4000;

/** Maximum UTF-16 units of a gRPC error in a finding. The text is untrusted, and one line is enough. */
const maxErrorUnits = 200;

/** The kind of fault for each gRPC status. Any other status means that the server is unreachable. */
const kinds: Readonly<Record<number, TemporalFault['kind']>> = {
  [GrpcStatus.INVALID_ARGUMENT]: 'refused',
  [GrpcStatus.NOT_FOUND]: 'not-found',
  [GrpcStatus.PERMISSION_DENIED]: 'refused',
  [GrpcStatus.UNIMPLEMENTED]: 'refused',
  [GrpcStatus.UNAUTHENTICATED]: 'refused',
};

/** Temporal did not answer a call from the doctor, or refused it. */
export class TemporalFault extends Error {
  override readonly name = 'TemporalFault';
  constructor(
    readonly kind: 'unreachable' | 'not-found' | 'refused',
    message: string,
  ) {
    super(message);
  }
}

/**
 * Makes one call to Temporal's API, with a deadline.
 *
 * @throws {TemporalFault} when Temporal does not answer in time, or refuses the call.
 */
export async function askTemporal<T>(
  { connection }: Pick<TemporalClient, 'connection'>,
  call: (api: Connection) => Promise<T>,
): Promise<T> {
  const timeout = () => new TemporalFault('unreachable', timeoutMessage);
  try {
    return await withDeadline({ connection }, () => call(connection), callMs, timeout);
  } catch (error) {
    throw error instanceof TemporalFault ? error : toTemporalFault(error);
  }
}

const timeoutMessage = `no answer within ${formatDuration(callMs, 'seconds')}`;

function toTemporalFault(error: unknown): TemporalFault {
  const kind = kinds[grpcStatus(error) ?? GrpcStatus.UNKNOWN] ?? 'unreachable';
  return new TemporalFault(kind, describeGrpcError(error));
}

/**
 * Prefers the network's error code, such as ECONNREFUSED, because gRPC's sentence around it is long and adds
 * nothing.
 */
function describeGrpcError(error: unknown): string {
  // gRPC's deadline may expire a moment before the timer does
  if (isGrpcServiceError(error) && error.code === GrpcStatus.DEADLINE_EXCEEDED) return timeoutMessage;
  const message = isGrpcServiceError(error)
    ? error.details
    : error instanceof Error
      ? error.message
      : String(error);
  return /\bE[A-Z]{4,}\b/.exec(message)?.[0] ?? cutToUnits(message, maxErrorUnits).replace(/\.$/, '');
}
