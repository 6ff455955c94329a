import type { Client } from '@temporalio/client';
import { withDeadline } from '../../../temporal/grpc';

/** In ms. An operator is waiting. If Temporal has not answered by then, it counts as unreachable. */
const deadlineMs = 5000;

/** Calls Temporal on behalf of an operator. @throws the call's own error, or a time-out after 5 s. */
export function askTemporal<T>(client: Client, call: () => Promise<T>): Promise<T> {
  return withDeadline(client, call, deadlineMs);
}
