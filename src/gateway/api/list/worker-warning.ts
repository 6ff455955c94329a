import { progressQuery } from '../../../workflows/messages';
import type { Client } from '@temporalio/client';
import { mainTaskQueue } from '../../../temporal/names';
import { grpcStatus, GrpcStatus, withDeadline } from '../../../temporal/grpc';
import { cacheAsync } from '../../../collections/cache-async';
import { askTemporal } from '../runs/ask-temporal';
import { exportQuery, listRuns } from '../runs/visibility';

/** @returns a sentence when no worker seems to be running, otherwise undefined. */
export type WorkerWarning = () => Promise<string | undefined>;

/**
 * Seconds: a worker polls at least once a minute; the rest allows for clocks that differ. After that it
 * counts as gone.
 */
const pollTimeoutS = 100;
/** Seconds: work that has waited this long is taken by no worker, or by too few. */
const maxBacklogAgeS = 5;
/**
 * Milliseconds: a query that takes longer has no worker. A query to a run that a killed worker held moves to
 * another worker after 1 s.
 */
const queryTimeoutMs = 3000;
/**
 * Milliseconds a result is reused by lists that poll. With the query's time-out it stays below 5 s, within
 * which the warning must show.
 */
const cacheMs = 1500;

/**
 * Creates a check that warns within 5 s that no worker is running. While no export runs it takes minutes: no
 * work waits then, and Temporal keeps a gone worker in its list of pollers for some minutes.
 */
export function createWorkerWarning(client: Client): WorkerWarning {
  const check = async () =>
    (await hasWorker(client))
      ? undefined
      : 'No worker is taking work from Temporal. Exports continue once one does. Start one with requeue worker.';
  return cacheAsync(check, () => cacheMs);
}

async function hasWorker(client: Client): Promise<boolean> {
  const { lastPollS, backlogAgeS } = await describeQueue(client);
  if (Date.now() / 1000 - lastPollS > pollTimeoutS || backlogAgeS >= maxBacklogAgeS) return false;
  // A slow worker that does not answer in time has polled meanwhile.
  return (await answersQuery(client)) || (await describeQueue(client)).lastPollS > lastPollS;
}

/**
 * When a worker last polled for workflow tasks (seconds since 1970), and how long the oldest task has waited
 * (seconds).
 */
async function describeQueue(client: Client): Promise<{ lastPollS: number; backlogAgeS: number }> {
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
  const { runs } = await listRuns(client, exportQuery(["ExecutionStatus = 'Running'"]), 1, undefined);
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

/** How a query fails without a worker. undefined: our own time-out. */
const noWorkerStatuses: ReadonlySet<GrpcStatus | undefined> = new Set([
  undefined,
  GrpcStatus.DEADLINE_EXCEEDED,
  GrpcStatus.FAILED_PRECONDITION, // no worker has polled for a long time
]);
