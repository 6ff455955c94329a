import { asyncLocalStorage, Context } from '@temporalio/activity';
import { every } from '../clock/clock';

/** In ms. Well under the heartbeat time-out of 10 s; the SDK sends at most one every 2 s. */
const intervalMs = 1000;

/**
 * Sends heartbeats while `work` runs, so that the activity doesn't time out on a slow disk or labeling
 * service. The answer to a heartbeat also reports a cancellation.
 * @param details returns what Temporal shows with the pending activity; called for each heartbeat. Only
 *   numbers and positions, never ids.
 */
export async function whileHeartbeating<T>(details: () => unknown, work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  context.heartbeat(details());
  const stop = every(intervalMs, () => context.heartbeat(details()));
  try {
    return await work();
  } finally {
    stop();
  }
}

/**
 * Does nothing outside an activity (`requeue plan`), where there is no cancellation.
 * @throws {CancelledFailure} when the activity was cancelled.
 */
export function stopIfCancelled(): void {
  asyncLocalStorage.getStore()?.cancellationSignal.throwIfAborted();
}
