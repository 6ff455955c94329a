import { type Connection, isGrpcServiceError } from '@temporalio/client';
import type { TemporalClient } from '../../gateway/start-gateway';
import { GrpcStatus } from '../../temporal/grpc';
import { withinMs } from '../../temporal/within-ms';

/** A person waits: a server that needs longer than this is not well. */
const askMs = 4000;

/** gRPC statuses by what a person does about them; every other one comes from a server that is not there. */
const kinds: Readonly<Record<number, TemporalFault['kind']>> = {
  [GrpcStatus.INVALID_ARGUMENT]: 'refused',
  [GrpcStatus.NOT_FOUND]: 'not-found',
  [GrpcStatus.PERMISSION_DENIED]: 'refused',
  [GrpcStatus.UNIMPLEMENTED]: 'refused',
  [GrpcStatus.UNAUTHENTICATED]: 'refused',
};

/** Temporal gave no answer to a question of the doctor. */
export class TemporalFault extends Error {
  override readonly name = 'TemporalFault';
  constructor(
    readonly kind: 'away' | 'not-found' | 'refused',
    message: string,
  ) {
    super(message);
  }
}

/** Runs one call of Temporal's API with a deadline; the SDK's own overshoots it, so a timer races. @throws {TemporalFault} */
export async function askTemporal<T>(
  { connection }: Pick<TemporalClient, 'connection'>,
  call: (api: Connection) => Promise<T>,
): Promise<T> {
  const late = () => new TemporalFault('away', `no answer within ${askMs / 1000} s`);
  try {
    return await withinMs(askMs, late, () =>
      connection.withDeadline(Date.now() + askMs, () => call(connection)),
    );
  } catch (error) {
    throw error instanceof TemporalFault ? error : toTemporalFault(error);
  }
}

function toTemporalFault(error: unknown): TemporalFault {
  const kind = isGrpcServiceError(error) ? (kinds[error.code] ?? 'away') : 'away';
  return new TemporalFault(kind, describeGrpcError(error));
}

/** The code of the network's error says more, in less, than gRPC's sentence around it. */
function describeGrpcError(error: unknown): string {
  if (
    isGrpcServiceError(error) &&
    error.code === GrpcStatus.DEADLINE_EXCEEDED // its own clock may be a moment before ours
  )
    return `no answer within ${askMs / 1000} s`;
  const words = isGrpcServiceError(error)
    ? error.details
    : error instanceof Error
      ? error.message
      : String(error);
  return /\bE[A-Z]{4,}\b/.exec(words)?.[0] ?? words.slice(0, 200).replace(/\.$/, '');
}
