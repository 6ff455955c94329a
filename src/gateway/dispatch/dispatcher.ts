import { delay } from '../../clock/clock';
import { formatDuration } from '../../text/duration';
import type { Client } from '@temporalio/client';
import { setMaxListeners } from 'node:events';
import type { ExportRequest } from '../../domain/request';
import { type InboxEntry, listInbox, readInboxEntry } from '../../payloads/inbox-entry';
import type { PayloadStore } from '../../payloads/payload-store';
import type { Logger } from '../../telemetry/logger';
import { describeTemporalError, isUnreachable } from '../../temporal/grpc';
import { clearHeldEntry } from './clear-held-entry';
import { dispatchRequest } from './dispatch-request';
import { type DispatcherTimes, defaultTimes } from './dispatcher-times';
import { KeyedQueue } from './keyed-queue';
import { type ReconcileDeps, reconcileEntry } from './reconcile-entry';
import { settleRepeats } from './settle-repeats';
import { sweepInbox } from './sweep-inbox';
import { type TemporalState, TemporalWatch } from './temporal-watch';
import { WakeSignal } from './wake-signal';
import { type WorkflowStatus, readWorkflowStatus } from './workflow-status';

/**
 * Dispatches accepted requests to Temporal, and reconciles their inbox entries until their reports are
 * written.
 */
export interface Dispatcher {
  /** Dispatches the request of a new inbox entry. Returns immediately. */
  dispatch(request: ExportRequest): void;
  /**
   * Starts the sweeps. The first one dispatches every entry without a run. Does not wait for Temporal.
   *
   * @throws when the inbox cannot be read.
   */
  start(): Promise<void>;
  /**
   * Does now, for an entry that is about to be shown, what the next sweep would do: holds it if a person
   * terminated its run, and clears its hold if a later export of its revision completed.
   * @returns the entry as it is then; undefined when it is gone.
   */
  settle(entry: InboxEntry): Promise<InboxEntry | undefined>;
  /** Starts no more calls. Waits up to 2 s for calls in flight, so that their run ids are stored. */
  close(): Promise<void>;
  temporalState(): TemporalState;
}

export interface DispatcherDeps {
  readonly store: PayloadStore;
  readonly client: Client;
  readonly logger: Logger;
  /** Registers search attributes that are missing because the namespace is new or its database was lost. */
  readonly ensureAttributes: () => Promise<void>;
  readonly times?: Partial<DispatcherTimes>;
}

/** In ms. Before this, the server's close takes up to 5 s, and `dev` must exit within 10 s. */
const closeMs = 2000;

/** Several gateways may each run a dispatcher on one store, because signalling a request is idempotent. */
export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { client, logger } = deps;
  const times = { ...defaultTimes, ...deps.times };
  const stop = new AbortController();
  const { signal } = stop;
  setMaxListeners(0, signal); // every waiting request listens to it
  const sweepNow = new WakeSignal();
  const watch = new TemporalWatch({
    client,
    logger,
    times,
    onReturn: () => sweepNow.set(),
    onNewDatabase: deps.ensureAttributes,
  });
  const queue = new KeyedQueue({
    logger,
    signal,
    settle: (batch) => settleRepeats({ ...deps, watch, times, signal }, batch),
    process: (request, semaphore) => dispatchRequest({ ...deps, watch, times, signal }, request, semaphore),
  });
  const dispatch = (request: ExportRequest): void => queue.add(request);
  const readRunStatus: ReadStatus = (issueId, runId) =>
    readStatus({ client, logger, watch, times }, issueId, runId);
  const sweep = (): Promise<void> => {
    const readStatusOnce = oncePerRun(readRunStatus);
    return sweepInbox({
      ...deps,
      dispatch,
      signal,
      onRead: () => queue.open(),
      reconcile: (entry) => reconcileEntry({ ...deps, dispatch, readStatus: readStatusOnce }, entry),
      clear: (entry) => clearHeldEntry(deps, entry),
    });
  };
  let loops: Promise<unknown> = Promise.resolve();
  return {
    dispatch,
    async start() {
      await listInbox(deps.store);
      loops = Promise.all([sweepRepeatedly({ sweep, sweepNow, signal, logger, times }), watch.watch(signal)]);
    },
    async close() {
      stop.abort();
      const timer = new AbortController();
      const timeout = delay(closeMs, timer.signal);
      await Promise.race([Promise.allSettled([loops, queue.idle()]), timeout]);
      timer.abort();
    },
    settle: (entry) => settleEntry({ ...deps, dispatch, readStatus: readRunStatus }, entry),
    temporalState: () => watch.state,
  };
}

/** Leaves a run that closed in any other way to the sweep, which spaces out its retries. */
async function settleEntry(deps: ReconcileDeps, entry: InboxEntry): Promise<InboxEntry | undefined> {
  const { request, handOver } = entry;
  const { requestId, issueId } = request;
  if (handOver.held !== undefined) await clearHeldEntry(deps, entry);
  else if (handOver.runId === undefined) return entry;
  else {
    const status = await deps.readStatus(issueId, handOver.runId);
    if (status?.kind !== 'terminated') return entry;
    await reconcileEntry(
      { ...deps, readStatus: async () => status },
      { requestId, issueId, runId: handOver.runId },
    );
  }
  return readInboxEntry(deps.store, requestId);
}

async function sweepRepeatedly(deps: {
  sweep: () => Promise<void>;
  sweepNow: WakeSignal;
  signal: AbortSignal;
  logger: Logger;
  times: DispatcherTimes;
}): Promise<void> {
  const { sweep, sweepNow, signal, logger, times } = deps;
  while (!signal.aborted) {
    let nextMs = times.sweepMs;
    await sweep().catch((err: unknown) => {
      nextMs = Math.min(times.sweepMs, times.maxBackOffMs);
      logger.warn({ err }, `The inbox cannot be read; retrying in ${formatDuration(nextMs, 'seconds')}.`);
    });
    await sweepNow.wait(nextMs, signal);
  }
}

/** Makes no call while Temporal is unreachable. When Temporal answers again, `onReturn` starts a sweep. */
async function readStatus(
  {
    client,
    logger,
    watch,
    times,
  }: { client: Client; logger: Logger; watch: TemporalWatch; times: DispatcherTimes },
  issueId: string,
  runId: string,
): Promise<WorkflowStatus | undefined> {
  if (!watch.state.reachable) return undefined;
  try {
    return await readWorkflowStatus(client, issueId, runId, times.deadlineMs);
  } catch (error) {
    if (isUnreachable(error)) watch.markUnreachable(describeTemporalError(error));
    else
      logger.warn(
        { issueId, runId, message: describeTemporalError(error) },
        'The status of a run cannot be read; the next sweep retries.',
      );
    return undefined;
  }
}

type ReadStatus = ReconcileDeps['readStatus'];

/** Many requests share a run, so its status is read once per sweep. */
function oncePerRun(read: ReadStatus): ReadStatus {
  const statuses = new Map<string, ReturnType<ReadStatus>>();
  return (issueId, runId) => {
    const status = statuses.get(runId) ?? read(issueId, runId);
    statuses.set(runId, status);
    return status;
  };
}
