import type { Client } from '@temporalio/client';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExportRequest } from '../../domain/request';
import { listInbox } from '../../payloads/inbox-entry';
import type { PayloadStore } from '../../payloads/payload-store';
import type { Logger } from '../../telemetry/logger';
import { WakeSignal } from './wake-signal';
import { dispatchRequest } from './dispatch-request';
import { describeTemporalError, isAway } from '../../temporal/grpc';
import { KeyedQueue } from './keyed-queue';
import { reconcileEntry } from './reconcile-entry';
import { type WorkflowStatus, readWorkflowStatus } from './workflow-status';
import { type DispatcherTimes, defaultTimes } from './dispatcher-times';
import { sweepInbox } from './sweep-inbox';
import { type TemporalState, TemporalWatch } from './temporal-watch';

/** Gives accepted requests to Temporal, and looks after them until their report is written. */
export interface Dispatcher {
  /** A new entry is in the inbox. Returns at once. */
  dispatch(request: ExportRequest): void;
  /** Begins with everything the inbox holds. Does not wait for Temporal. @throws when the inbox cannot be read. */
  start(): Promise<void>;
  /** Begins nothing more; waits for what is on its way for 2 s, so that its run ids are written. */
  close(): Promise<void>;
  temporalState(): TemporalState;
}

export interface DispatcherDeps {
  readonly store: PayloadStore;
  readonly client: Client;
  readonly logger: Logger;
  /** Registers search attributes that a namespace lacks: a new one, or one whose database was lost. */
  readonly ensureAttributes: () => Promise<void>;
  readonly times?: Partial<DispatcherTimes>;
}

/** `close` waits so long: the gateway's own stop takes up to 5 s before, and `dev` ends in under 10 s. */
const closeMs = 2000;

/** Several gateways may run one each on the same store: signalling twice is harmless. */
export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { client, logger } = deps;
  const times = { ...defaultTimes, ...deps.times };
  const stop = new AbortController();
  const { signal } = stop;
  setMaxListeners(0, signal); // every hand-over that waits listens to it
  const sweepNow = new WakeSignal();
  const watch = new TemporalWatch({
    client,
    logger,
    times,
    onReturn: () => sweepNow.set(),
    onNewDatabase: deps.ensureAttributes,
  });
  const lanes = new KeyedQueue({
    logger,
    signal,
    process: (request, slots) => dispatchRequest({ ...deps, watch, times, signal }, request, slots),
  });
  const give = (request: ExportRequest): void => lanes.add(request);
  const sweep = (): Promise<void> => {
    const stateOf = oncePerRun((issueId, runId) =>
      readStatus({ client, logger, watch, times }, issueId, runId),
    );
    return sweepInbox({
      ...deps,
      dispatch: give,
      signal,
      onRead: () => lanes.open(),
      reconcile: (given) => reconcileEntry({ ...deps, dispatch: give, readStatus: stateOf }, given),
    });
  };
  let loops: Promise<unknown> = Promise.resolve();
  return {
    dispatch: give,
    async start() {
      await listInbox(deps.store);
      loops = Promise.all([sweepRepeatedly({ sweep, sweepNow, signal, logger, times }), watch.watch(signal)]);
    },
    async close() {
      stop.abort();
      const inTime = new AbortController();
      const late = delay(closeMs, undefined, { signal: inTime.signal }).catch(() => undefined);
      await Promise.race([Promise.allSettled([loops, lanes.idle()]), late]);
      inTime.abort();
    },
    temporalState: () => watch.state,
  };
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
    let next = times.sweepMs;
    await sweep().catch((err: unknown) => {
      logger.warn({ err }, 'The inbox could not be looked at; it is tried again.');
      next = Math.min(times.sweepMs, times.maxBackOffMs);
    });
    await sweepNow.wait(next, signal);
  }
}

/** While Temporal is away nothing is asked: its return rings for another sweep. */
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
    if (isAway(error)) watch.lost(describeTemporalError(error));
    else
      logger.warn(
        { issueId, runId, message: describeTemporalError(error) },
        'A run could not be looked at; it is tried again.',
      );
    return undefined;
  }
}

/** Many requests share a run: it is asked for once a sweep. */
function oncePerRun<T>(
  ask: (issueId: string, runId: string) => Promise<T>,
): (issueId: string, runId: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (issueId, runId) => {
    const answer = answers.get(runId) ?? ask(issueId, runId);
    answers.set(runId, answer);
    return answer;
  };
}
