import { clock } from '../../../clock/clock';
import { progressQuery } from '../../../workflows/messages';
import type { Client } from '@temporalio/client';
import { answeringRuns } from '../../../temporal/open-run';
import { mainTaskQueue } from '../../../temporal/names';
import { grpcStatus, GrpcStatus, withDeadline } from '../../../temporal/grpc';
import { cacheAsync } from '../../../collections/cache-async';
import { askTemporal } from '../runs/ask-temporal';
import { exportQuery, listRuns } from '../runs/visibility';

/** @returns a sentence when no worker seems to be running, otherwise undefined. */
export type WorkerWarning = () => Promise<string | undefined>;

/**
 * In seconds. A worker polls at least once a minute; the rest allows for clocks that differ. A worker that
 * has not polled for this long counts as gone.
 */
const pollTimeoutS = 100;
/** In seconds. If a task has waited this long, there is no worker, or there are too few. */
const maxBacklogAgeS = 5;
/**
 * In ms. A query that takes longer counts as unanswered. If the run was on a worker that has been killed,
 * Temporal moves the query to another worker after 1 s.
 */
const queryTimeoutMs = 2000;
/**
 * In ms. Lists that poll reuse a result for this long. A check that began just before a worker was killed may
 * be followed by one that waits for the query's time-out: 3 s, so that 2 s are left for the other calls of
 * the 5 s within which the warning must appear.
 */
const cacheMs = 1000;

/**
 * Creates a check that warns within 5 s that no worker is running. While no export runs, the warning takes
 * minutes: no task is waiting then, and Temporal lists a worker as a poller for some minutes after it has
 * gone.
 */
export function createWorkerWarning(client: Client): WorkerWarning {
  const check = async () =>
    (await hasWorker(client))
      ? undefined
      : 'No worker is taking work from Temporal. Exports continue once a worker runs. Start one with requeue worker.';
  return cacheAsync(check, () => cacheMs);
}

async function hasWorker(client: Client): Promise<boolean> {
  const { lastPollS, backlogAgeS } = await describeMainTaskQueue(client);
  if (clock.now() / 1000 - lastPollS > pollTimeoutS || backlogAgeS >= maxBacklogAgeS) return false;
  // A worker that is too slow to answer in time has polled again meanwhile.
  return (await answersQuery(client)) || (await describeMainTaskQueue(client)).lastPollS > lastPollS;
}

/**
 * @returns when a worker last polled for workflow tasks (in seconds since 1970), and how long the oldest task
 *   has waited (in seconds).
 */
async function describeMainTaskQueue(client: Client): Promise<{ lastPollS: number; backlogAgeS: number }> {
  const { pollers, stats } = await askTemporal(client, () =>
    client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: mainTaskQueue },
      taskQueueType: 1, // workflow tasks
      reportStats: true,
    }),
  );
  const times = pollers.map(
    ({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) + (lastAccessTime?.nanos ?? 0) / 1e9,
  );
  return {
    lastPollS: Math.max(0, ...times),
    backlogAgeS: Number(stats?.approximateBacklogAge?.seconds ?? 0),
  };
}

/** True when a worker answers a query to the newest running export, or when no export runs. */
async function answersQuery(client: Client): Promise<boolean> {
  const { runs } = await listRuns(client, exportQuery([answeringRuns]), 1, undefined);
  if (!runs[0]) return true;
  const { workflowId, runId } = runs[0];
  try {
    await withDeadline(
      client,
      () => client.workflow.getHandle(workflowId, runId).query(progressQuery),
      queryTimeoutMs,
    );
    return true;
  } catch (error) {
    return !noWorkerStatuses.has(grpcStatus(error));
  }
}

/** The gRPC statuses of a query that no worker answers. `undefined` is our own time-out. */
const noWorkerStatuses: ReadonlySet<GrpcStatus | undefined> = new Set([
  undefined,
  GrpcStatus.DEADLINE_EXCEEDED,
  GrpcStatus.FAILED_PRECONDITION, // no worker has polled for a long time
]);
