import type { Client } from '@temporalio/client';
import { defined } from '../../../collections/defined';
import {
  type DestinationPause,
  type DestinationWait,
  readDestinationPause,
  readDestinationWait,
} from '../../../payloads/destination-state';
import type { PayloadStore } from '../../../payloads/payload-store';
import { openRuns } from '../../../temporal/open-run';
import type { DestinationState, WaitingExport } from '../operator-api';
import { exportQuery, listRuns, quote } from '../runs/visibility';

/** Maximum exports named per destination. */
const maxNamed = 10;

/**
 * Reads the state of a destination: whether it is paused or asked to wait, and which exports wait for it. Neither
 * is known while the store cannot be read; that must not keep operators from their list.
 */
export async function destinationState(
  { client, store }: { readonly client: Client; readonly store: PayloadStore },
  name: string,
): Promise<DestinationState> {
  const [pause, wait] = await Promise.all([
    readDestinationPause(store, name),
    readDestinationWait(store, name),
  ]).catch(() => []);
  const waiting = pause || wait ? await waitingExports(client, name) : [];
  return {
    name,
    ...defined({ paused: pause && toPaused(pause), waits: wait && toWaits(wait) }),
    waiting: waiting.slice(0, maxNamed),
    hasMore: waiting.length > maxNamed,
  };
}

function toPaused({ by, reason, at }: DestinationPause): DestinationState['paused'] {
  return { by, since: at, ...defined({ reason }) };
}

function toWaits({ until, because }: DestinationWait): DestinationState['waits'] {
  return { until, because };
}

/** Empty when Temporal does not answer, because the state itself comes from the store. */
async function waitingExports(client: Client, destination: string): Promise<WaitingExport[]> {
  const query = exportQuery([
    `ExportDestination = ${quote(destination)}`,
    "ExportStage IN ('sending', 'paused')",
    openRuns,
  ]);
  try {
    const { runs } = await listRuns(client, query, maxNamed + 1, undefined);
    return runs.map(({ issueId, attributes }) => ({
      issueId,
      issueName: String(attributes['AquariumIssueName'] ?? issueId),
    }));
  } catch {
    return [];
  }
}
