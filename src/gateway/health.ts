import { defined } from '../collections/defined';
import { inboxEntries } from '../payloads/inbox-entry';
import type { PayloadStore } from '../payloads/payload-store';
import { cacheAsync } from '../collections/cache-async';
import { withinMs } from '../temporal/within-ms';
import type { Dispatcher } from './dispatch/dispatcher';
import { StoreFailure, storing } from './http/store-failure';

/**
 * In ms from the start of the check. The store's state is cached, so that probes from several load balancers
 * cost one fsync a second.
 */
const storeMaxAgeMs = 1000;
/** In ms. The counts are cached, because counting reads every inbox entry. */
const inboxMaxAgeMs = 10_000;
/** In ms. A probe does not wait longer for the counts: a load balancer gives up after a few seconds. */
const countsWaitMs = 250;

/**
 * The body of `/readyz`. `ready` means that deliveries can be stored. Temporal may be unreachable: then the
 * requests wait in the inbox.
 */
export interface Readiness {
  readonly status: 'ready' | 'not-ready';
  /** `ok` or the error's code (`ENOSPC`). */
  readonly store: string;
  readonly temporal: ReturnType<Dispatcher['temporalState']>;
  /**
   * Counts of inbox entries. Held entries wait for an operator. Absent when the store cannot be read, and while
   * a large inbox is counted for the first time.
   */
  readonly inbox?: InboxCounts;
}

interface InboxCounts {
  readonly waiting: number;
  readonly held: number;
  /** Inbox files that are not complete entries, because the disk or a person changed them. */
  readonly unreadable: number;
}

/** Creates the check behind `/readyz`. */
export function createReadiness({
  store,
  dispatcher,
}: {
  store: PayloadStore;
  dispatcher: Pick<Dispatcher, 'temporalState'>;
}): () => Promise<Readiness> {
  const storeState = cacheAsync(
    () => probeStore(store),
    (tookMs) => storeMaxAgeMs - tookMs,
  );
  const counts = cacheAsync(
    () => countInbox(store),
    (tookMs) => inboxMaxAgeMs - tookMs,
  );
  let lastCounts: InboxCounts | undefined;
  const countsSoon = async (): Promise<InboxCounts | undefined> => {
    const counting = counts().then((counted) => (lastCounts = counted));
    const isLate = new Error('The inbox is still counted.');
    return withinMs(
      countsWaitMs,
      () => isLate,
      () => counting,
    ).catch(() => lastCounts);
  };
  return async () => {
    const [state, inbox] = await Promise.all([storeState(), countsSoon()]);
    return {
      status: state === 'ok' ? 'ready' : 'not-ready',
      store: state,
      temporal: dispatcher.temporalState(),
      ...defined({ inbox }),
    };
  };
}

/** @returns `ok` or the error's code, with neither path nor message, because `/readyz` needs no token. */
async function probeStore(store: PayloadStore): Promise<string> {
  try {
    await storing(store.check());
    return 'ok';
  } catch (error) {
    return error instanceof StoreFailure ? error.reason : 'unknown';
  }
}

async function countInbox(store: PayloadStore): Promise<InboxCounts | undefined> {
  try {
    const counts = { waiting: 0, held: 0, unreadable: 0 };
    const unreadable = () => void (counts.unreadable += 1);
    for await (const { handOver } of inboxEntries(store, unreadable))
      counts[handOver.held === undefined ? 'waiting' : 'held'] += 1;
    return counts;
  } catch {
    return undefined; // `Readiness.store` reports the error
  }
}
