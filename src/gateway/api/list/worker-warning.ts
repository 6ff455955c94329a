import { progressQuery } from '../../../workflows/messages';
import type { Client } from '@temporalio/client';
import { mainTaskQueue } from '../../../temporal/names';
import { grpcStatus, GrpcStatus, withDeadline } from '../../../temporal/grpc';
import { cacheAsync } from '../../../collections/cache-async';
import { askTemporal } from '../runs/ask-temporal';
import { exportQuery, listRuns } from '../runs/visibility';

/** A sentence when no worker seems to be there. */
export type WorkerWarning = () => Promise<string | undefined>;

/** A worker asks for work at least once a minute; one that was not heard of for longer is gone. In seconds, with room for two clocks. */
const silentAfter = 100;
/** Work that waits for so long is taken by nobody, or by too few. In seconds. */
const waitingFrom = 5;
/** A question that is not answered within so many ms is taken by nobody: one about a run that a killed worker held moves on after 1 s. */
const answerWithinMs = 3000;
/** Lists that are looked at all the time ask once in so many ms; with the time to answer under the 5 s after which it has to be said. */
const keptMs = 1500;

/** Says within 5 s that the worker is gone. While nothing runs, nothing waits for it, and Temporal takes some minutes to forget it. */
export function createWorkerWarning(client: Client): WorkerWarning {
  const look = async () =>
    (await isThere(client))
      ? undefined
      : 'No worker takes Temporal’s work now: exports go on when one does. Start one with requeue worker.';
  return cacheAsync(look, () => keptMs);
}

async function isThere(client: Client): Promise<boolean> {
  const { heardOf, waited } = await lookAtQueue(client);
  if (Date.now() / 1000 - heardOf > silentAfter || waited >= waitingFrom) return false;
  return (await answers(client)) || (await lookAtQueue(client)).heardOf > heardOf; // slow, and asked for more work meanwhile
}

/** When a worker last asked for workflows, and how long the oldest work has waited; in seconds. */
async function lookAtQueue(client: Client): Promise<{ heardOf: number; waited: number }> {
  const { pollers, stats } = await askTemporal(client, () =>
    client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: mainTaskQueue },
      taskQueueType: 1, // of workflows
      reportStats: true,
    }),
  );
  const times = pollers.map(
    ({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) + (lastAccessTime?.nanos ?? 0) / 1e9,
  );
  return { heardOf: Math.max(0, ...times), waited: Number(stats?.approximateBacklogAge?.seconds ?? 0) };
}

/** Whether a worker answers for the export that was begun last; true when none runs. */
async function answers(client: Client): Promise<boolean> {
  const { runs } = await listRuns(client, exportQuery(["ExecutionStatus = 'Running'"]), 1, undefined);
  if (!runs[0]) return true;
  const { workflowId, runId } = runs[0];
  try {
    await withDeadline(
      client,
      () => client.workflow.getHandle(workflowId, runId).query(progressQuery),
      answerWithinMs,
    );
    return true;
  } catch (error) {
    return !unanswered.has(grpcStatus(error));
  }
}

/** How a query fails that no worker takes; undefined: our own time-out. */
const unanswered: ReadonlySet<GrpcStatus | undefined> = new Set([
  undefined,
  GrpcStatus.DEADLINE_EXCEEDED,
  GrpcStatus.FAILED_PRECONDITION, // no worker has polled for long
]);
