import { nowIso } from '../../../clock/clock';
import { defined } from '../../../collections/defined';
import { createDestinationPause, readDestinationPause } from '../../../payloads/destination-state';
import type { PayloadStore } from '../../../payloads/payload-store';
import type { DestinationPaused, PauseDestinationRequest } from '../operator-api';
import { formatUtc, pausePromise } from '../../../text/sentences';

/**
 * Pauses a destination. The pause is durable when this returns; workers read it before each call. A destination
 * that is already paused stays as it is.
 */
export async function pauseDestination(
  { store }: { readonly store: PayloadStore },
  { destination, by, through, reason }: PauseDestinationRequest,
): Promise<DestinationPaused> {
  const at = nowIso();
  const pause = { version: 1, by, at, ...defined({ through, reason }) } as const;
  if (await createDestinationPause(store, destination, pause))
    return { destination, paused: at, message: `Paused ${destination}: ${pausePromise}.` };
  const known = (await readDestinationPause(store, destination)) ?? pause; // missing: it has just been resumed
  const message = `${destination} was already paused by ${known.by} at ${formatUtc(known.at)}.`;
  return { destination, paused: known.at, message };
}
