import { asyncLocalStorage, Context } from '@temporalio/activity';

/** Well under the heartbeat time-out of 10 s; the SDK sends at most every 2 s of them. */
const everyMs = 1000;

/**
 * Tells Temporal that the activity lives while `work` runs, also while the disk or the labeling service is slow: a heartbeat
 * brings a cancellation back too.
 * @param details what is shown with the pending activity; asked each time. Numbers and positions, never ids.
 */
export async function whileHeartbeating<T>(details: () => unknown, work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  context.heartbeat(details());
  const timer = setInterval(() => context.heartbeat(details()), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** A place to stop at when the activity was cancelled; outside of one (`requeue plan`) nobody cancels. @throws {CancelledFailure} */
export function stopIfCancelled(): void {
  asyncLocalStorage.getStore()?.cancellationSignal.throwIfAborted();
}
