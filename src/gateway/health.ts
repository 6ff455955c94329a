import { defined } from '../collections/defined';
import { inboxEntries } from '../payloads/inbox-entry';
import type { PayloadStore } from '../payloads/payload-store';
import { cacheAsync } from '../collections/cache-async';
import type { Dispatcher } from './dispatch/dispatcher';
import { StoreFailure, storing } from './http/store-failure';

/** How long an answer of the store is believed from its question on, in ms: probes of several balancers cost one sync a second. */
const storeMaxAgeMs = 1000;
/** How long the counts are believed, in ms: they read every entry of the inbox. */
const inboxMaxAgeMs = 10_000;

/** What `/readyz` says. `ready`: a delivery can be kept; Temporal's state does not count, deliveries wait for it. */
export interface Readiness {
  readonly status: 'ready' | 'not-ready';
  /** `ok`, or the name of the fault (`ENOSPC`). */
  readonly store: string;
  readonly temporal: ReturnType<Dispatcher['temporalState']>;
  /** Accepted and not finished; `held`: nobody tries any more, an operator must act. Absent when the store cannot be read. */
  readonly inbox?: InboxCounts;
}

interface InboxCounts {
  readonly waiting: number;
  readonly held: number;
  /** Files of the inbox that are no whole entry: the disk, or a person, changed them. */
  readonly unreadable: number;
}

/** Answers whether this gateway can take a delivery. */
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
  return async () => {
    const [state, inbox] = await Promise.all([storeState(), counts()]);
    return {
      status: state === 'ok' ? 'ready' : 'not-ready',
      store: state,
      temporal: dispatcher.temporalState(),
      ...defined({ inbox }),
    };
  };
}

/** `ok`, or the name of the fault; no path and no message: this page needs no token. */
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
    return undefined; // the store's own state says why
  }
}
