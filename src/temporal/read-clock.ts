import type { Client } from '@temporalio/client';
import { clock, delay } from '../clock/clock';
import { withDeadline } from './grpc';

/** Nothing else uses this task queue. */
const taskQueue = { name: 'requeue-clock' };
/** Temporal's number for a task queue's activities. */
const activities = 2;
/** In ms. Temporal refuses a poll with less than 2 s left. The poll is aborted as soon as its time is known. */
const pollMs = 5000;
/** In ms, between two looks. The poll usually arrives before the first. */
const lookEveryMs = 50;

/** How one clock differs from another, as far as it is known: at least `min`, at most `max`. In ms. */
export interface ClockLead {
  /** Negative: the clock is behind. */
  readonly min: number;
  readonly max: number;
}

/**
 * Compares the clock of this process with Temporal's. No call of Temporal tells its time, so this polls a task
 * queue of its own and reads when Temporal saw the poll. The result is as precise as two calls are fast.
 *
 * @param now returns ms since 1970: the clock to compare.
 * @returns by how much the clock runs ahead of Temporal's.
 * @throws when Temporal does not answer within `deadlineMs`, or refuses a call.
 */
export async function readClockLead(
  client: Client,
  deadlineMs: number,
  now: () => number = clock.now,
): Promise<ClockLead> {
  const identity = `requeue-clock-${clock.randomHex(16)}`;
  const before = now();
  const stop = new AbortController();
  const polled = poll(client, identity, stop.signal);
  try {
    const seen = await withDeadline(
      client,
      () => Promise.race([untilSeen(client, identity, stop.signal), polled]),
      deadlineMs,
    );
    return { min: before - seen, max: now() - seen };
  } finally {
    stop.abort();
  }
}

/** Rejects when Temporal refuses the poll; never resolves, because the queue has no tasks. */
async function poll(client: Client, identity: string, signal: AbortSignal): Promise<never> {
  const { connection, workflowService, options } = client;
  const call = () =>
    workflowService.pollActivityTaskQueue({ namespace: options.namespace, taskQueue, identity });
  return new Promise((_, reject) => {
    connection
      .withAbortSignal(signal, () => connection.withDeadline(clock.now() + pollMs, call))
      .catch((error: unknown) => (signal.aborted ? undefined : reject(error as Error)));
  });
}

/** @returns when Temporal saw the poll, in ms since 1970. */
async function untilSeen(client: Client, identity: string, signal: AbortSignal): Promise<number> {
  const { workflowService, options } = client;
  for (;;) {
    const { pollers } = await workflowService.describeTaskQueue({
      namespace: options.namespace,
      taskQueue,
      taskQueueType: activities,
    });
    const time = pollers.find((poller) => poller.identity === identity)?.lastAccessTime;
    if (time) return Number(time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1e6;
    await delay(lookEveryMs, signal);
    signal.throwIfAborted(); // the time is known, or the caller has stopped waiting
  }
}
