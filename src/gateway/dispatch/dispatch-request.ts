import type { Client } from '@temporalio/client';
import { clock, delay } from '../../clock/clock';
import type { Semaphore } from '../../collections/semaphore';
import type { ExportRequest } from '../../domain/request';
import { readInboxEntry, updateDispatchState } from '../../payloads/inbox-entry';
import type { PayloadStore } from '../../payloads/payload-store';
import type { Logger } from '../../telemetry/logger';
import type { DispatcherTimes } from './dispatcher-times';
import { holdEntry } from './hold-entry';
import { signalExport } from './signal-export';
import type { TemporalWatch } from './temporal-watch';

/** Refusals until the entry is held. A server that is still starting may refuse once. */
const refusalsToHold = 3;

export interface DispatchDeps {
  readonly store: PayloadStore;
  readonly client: Client;
  readonly logger: Logger;
  readonly watch: TemporalWatch;
  /** Registers the search attributes that are missing in a new database. */
  readonly ensureAttributes: () => Promise<void>;
  readonly times: DispatcherTimes;
  readonly signal: AbortSignal;
}

/**
 * Retries until Temporal has accepted the request. After three refusals the entry is held instead. Skips an
 * entry that already has a run, is held or is gone: another gateway has handled it. While Temporal is
 * unreachable, the semaphore's permit is kept, because no other request would succeed either.
 *
 * @throws when the store fails.
 */
export async function dispatchRequest(
  deps: DispatchDeps,
  request: ExportRequest,
  semaphore: Semaphore,
): Promise<void> {
  const { store, client, watch, times, signal } = deps;
  let refusals = 0;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const entry = await readInboxEntry(store, request.requestId);
    if (!entry || entry.handOver.held !== undefined || entry.handOver.runId !== undefined) return;
    const result = await signalExport(client, request, times.deadlineMs, entry.handOver.elements);
    switch (result.kind) {
      case 'signalled':
        watch.markReachable();
        await updateDispatchState(store, { request, handOver: { ...entry.handOver, runId: result.runId } });
        return;
      case 'unreachable':
        watch.markUnreachable(result.message);
        await delay(backOff(times, attempt), signal);
        break;
      case 'busy':
        watch.markReachable();
        await semaphore.releaseDuring(() => delay(backOff(times, attempt), signal));
        break;
      case 'refused':
        watch.markReachable();
        refusals += 1;
        if (refusals >= refusalsToHold)
          return holdEntry(deps, entry, `Temporal refuses it: ${result.message}`);
        if (result.missingAttribute) await registerAttributes(deps);
        await semaphore.releaseDuring(() => delay(times.refusedMs, signal));
    }
  }
}

async function registerAttributes({ ensureAttributes, logger }: DispatchDeps): Promise<void> {
  await ensureAttributes().catch((err: unknown) =>
    logger.warn({ err }, 'Search attributes cannot be registered.'),
  );
}

/** Exponential. Half of it is random, which spreads the retries of many requests over time. */
export function backOff({ backOffMs, maxBackOffMs }: DispatcherTimes, attempt: number): number {
  const limit = Math.min(maxBackOffMs, backOffMs * 2 ** Math.min(attempt, 10));
  return limit * (0.5 + clock.random() / 2);
}
