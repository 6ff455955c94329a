import type { Client } from '@temporalio/client';
import type { ExportRequest } from '../../domain/request';
import { readInboxEntry, updateDispatchState } from '../../payloads/inbox-entry';
import type { PayloadStore } from '../../payloads/payload-store';
import type { Logger } from '../../telemetry/logger';
import { signalExport } from './signal-export';
import { holdEntry } from './hold-entry';
import { pause } from './abortable-delay';
import type { Semaphore } from '../../collections/semaphore';
import type { DispatcherTimes } from './dispatcher-times';
import type { TemporalWatch } from './temporal-watch';

/** Refusals after which nobody tries any more. */
const refusalsToHold = 3;

export interface DispatchDeps {
  readonly store: PayloadStore;
  readonly client: Client;
  readonly logger: Logger;
  readonly watch: TemporalWatch;
  /** Registers search attributes that a new database lost. */
  readonly ensureAttributes: () => Promise<void>;
  readonly times: DispatcherTimes;
  readonly signal: AbortSignal;
}

/**
 * Tries until Temporal has taken the request, or has refused it for good. An entry that has a run, is held or is gone is left alone:
 * somebody else gave it meanwhile. While Temporal is away the slot is kept, since nobody else gets further either.
 * @throws when the store fails.
 */
export async function dispatchRequest(
  deps: DispatchDeps,
  request: ExportRequest,
  slots: Semaphore,
): Promise<void> {
  const { store, client, watch, times, signal } = deps;
  let refusals = 0;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const entry = await readInboxEntry(store, request.requestId);
    if (!entry || entry.handOver.held !== undefined || entry.handOver.runId !== undefined) return;
    const result = await signalExport(client, request, times.deadlineMs, entry.handOver.elements);
    switch (result.kind) {
      case 'signalled':
        watch.reached();
        await updateDispatchState(store, { request, handOver: { ...entry.handOver, runId: result.runId } });
        return;
      case 'unreachable':
        watch.lost(result.message);
        await pause(backOff(times, attempt), signal);
        break;
      case 'busy':
        watch.reached();
        await slots.releaseDuring(() => pause(backOff(times, attempt), signal));
        break;
      case 'refused':
        watch.reached();
        refusals += 1;
        if (refusals >= refusalsToHold)
          return holdEntry(deps, entry, `Temporal refuses it: ${result.message}`);
        if (result.missingAttribute) await registerAttributes(deps);
        await slots.releaseDuring(() => pause(times.refusedMs, signal));
    }
  }
}

async function registerAttributes({ ensureAttributes, logger }: DispatchDeps): Promise<void> {
  await ensureAttributes().catch((err: unknown) =>
    logger.warn({ err }, 'Search attributes cannot be registered.'),
  );
}

/** Doubled with each attempt; a random half keeps the waiting ones from coming back all at once. */
function backOff({ backOffMs, maxBackOffMs }: DispatcherTimes, attempt: number): number {
  const most = Math.min(maxBackOffMs, backOffMs * 2 ** Math.min(attempt, 10));
  return most * (0.5 + Math.random() / 2);
}
