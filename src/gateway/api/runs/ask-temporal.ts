import type { Client } from '@temporalio/client';
import { withDeadline } from '../../../temporal/grpc';

/** A person waits: Temporal is taken for away when it has not answered by then. */
const deadlineMs = 5000;

/** Asks Temporal for an operator. @throws what the call throws, or that it did not answer. */
export function askTemporal<T>(client: Client, call: () => Promise<T>): Promise<T> {
  return withDeadline(client, call, deadlineMs);
}
