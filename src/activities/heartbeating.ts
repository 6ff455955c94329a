import { Context } from '@temporalio/activity';

/** Well under the heartbeat time-out of 10 s. */
const everyMs = 2000;

/** Tells Temporal that the activity lives while `work` runs; `details` are shown with the pending activity: no ids. */
export async function whileHeartbeating<T>(details: unknown, work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  context.heartbeat(details);
  const timer = setInterval(() => context.heartbeat(details), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
