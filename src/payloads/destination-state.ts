import { clock } from '../clock/clock';
import { type Channel, isChannel } from '../domain/decision';
import { destinationPauseKey, destinationWaitKey } from './keys';
import { PayloadNotFound, type PayloadStore } from './payload-store';
import { createJson, readJson, writeJson } from './small-objects';

/**
 * `destinations/<name>/paused.json`. An operator paused the destination: no call to it begins. It is in the store,
 * so that it survives restarts and a lost database of Temporal. Only the gateway writes it.
 */
export interface DestinationPause {
  readonly version: 1;
  readonly by: string;
  /** Absent in pauses of earlier versions. */
  readonly through?: Channel;
  readonly reason?: string;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * `destinations/<name>/wait.json`. The labeling service asked to wait (Retry-After): every worker reads it
 * before a call, and operators see it.
 */
export interface DestinationWait {
  readonly version: 1;
  /** ISO 8601. */
  readonly until: string;
  /** Requeue's sentence about the answer. */
  readonly because: string;
}

/** @returns undefined when the destination is not paused. A pause that cannot be read counts as a pause. */
export async function readDestinationPause(
  store: PayloadStore,
  destination: string,
): Promise<DestinationPause | undefined> {
  const pause = await readIfPresent<Partial<DestinationPause> | null>(
    store,
    destinationPauseKey(destination),
  );
  if (pause === undefined) return undefined;
  const { by, through, reason, at } = pause ?? {};
  return {
    version: 1,
    by: typeof by === 'string' ? by : 'an unknown operator',
    at: typeof at === 'string' ? at : new Date(0).toISOString(),
    ...(isChannel(through) ? { through } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
  };
}

/** @returns false when the destination is paused already; that pause then stays as it is. */
export function createDestinationPause(
  store: PayloadStore,
  destination: string,
  pause: DestinationPause,
): Promise<boolean> {
  return createJson(store, destinationPauseKey(destination), pause);
}

export function removeDestinationPause(store: PayloadStore, destination: string): Promise<void> {
  return store.remove(destinationPauseKey(destination));
}

/** @returns undefined when the destination did not ask to wait, or when the time is over. */
export async function readDestinationWait(
  store: PayloadStore,
  destination: string,
): Promise<DestinationWait | undefined> {
  const wait = await readIfPresent<Partial<DestinationWait> | null>(store, destinationWaitKey(destination));
  const { until, because } = wait ?? {};
  if (typeof until !== 'string' || typeof because !== 'string') return undefined;
  return Date.parse(until) > clock.now() ? { version: 1, until, because } : undefined;
}

export function writeDestinationWait(
  store: PayloadStore,
  destination: string,
  wait: DestinationWait,
): Promise<void> {
  return writeJson(store, destinationWaitKey(destination), wait);
}

/** @returns undefined when there is no object, null when it is not JSON. */
async function readIfPresent<T>(store: PayloadStore, key: string): Promise<T | null | undefined> {
  try {
    return await readJson<T>(store, key);
  } catch (error) {
    if (error instanceof PayloadNotFound) return undefined;
    if (error instanceof Error && error.cause instanceof SyntaxError) return null;
    throw error;
  }
}
