import type { Client } from '@temporalio/client';
import { mainTaskQueue } from '../../temporal/names';
import { askTemporal } from './ask-temporal';

/** A worker asks for work at least once a minute; one that was not heard of for longer is gone. In seconds, with room for two clocks. */
const silentAfter = 100;
/** Work that waits for so long is taken by nobody, or by too few. In seconds. */
const waitingFrom = 5;

/** A sentence when no worker seems to be there. Temporal remembers a killed one for minutes, so that waiting work tells it sooner. */
export async function workerWarning(client: Client): Promise<string | undefined> {
  const { pollers, stats } = await askTemporal(client, () =>
    client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: mainTaskQueue },
      taskQueueType: 1, // of workflows
      reportStats: true,
    }),
  );
  const heardOf = Math.max(0, ...pollers.map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0)));
  const isSilent = Date.now() / 1000 - heardOf > silentAfter;
  const waits = Number(stats?.approximateBacklogAge?.seconds ?? 0) >= waitingFrom;
  return isSilent || waits ? 'No worker takes Temporal’s work now: exports go on when one does. Start one with requeue worker.' : undefined;
}
