import { defined } from '../../../collections/defined';
import { readDestinationPause, writeDestinationPause } from '../../../payloads/destination-state';
import type { PayloadStore } from '../../../payloads/payload-store';
import type { DestinationPaused } from '../operator-api';
import { pausePromise } from '../../../text/sentences';

/**
 * Pauses a destination. The pause is durable when this returns; workers read it before each call. A destination
 * that is already paused stays as it is.
 */
export async function pauseDestination(
  { store }: { readonly store: PayloadStore },
  { destination, by, reason }: { destination: string; by: string; reason?: string | undefined },
): Promise<DestinationPaused> {
  const known = await readDestinationPause(store, destination);
  if (known)
    return { destination, paused: known.at, message: `It was already paused by ${known.by} at ${known.at}.` };
  const at = new Date().toISOString();
  await writeDestinationPause(store, destination, { version: 1, by, at, ...defined({ reason }) });
  return { destination, paused: at, message: `Paused ${destination}: ${pausePromise}.` };
}
