import { asyncLocalStorage, Context } from '@temporalio/activity';

/** Well under the heartbeat time-out of 10 s; the SDK sends at most one every 2 s. */
const intervalMs = 1000;

/**
 * Heartbeats while `work` runs, so that a slow disk or labeling service doesn't time the activity out. The
 * answer to a heartbeat also brings a cancellation.
 * @param details shown with the pending activity, read for each heartbeat. Numbers and positions, never ids.
 */
export async function whileHeartbeating<T>(details: () => unknown, work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  context.heartbeat(details());
  const timer = setInterval(() => context.heartbeat(details()), intervalMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/**
 * Does nothing outside an activity (`requeue plan`), where there is no cancellation.
 * @throws {CancelledFailure} when the activity was cancelled.
 */
export function stopIfCancelled(): void {
  asyncLocalStorage.getStore()?.cancellationSignal.throwIfAborted();
}
