import type { PayloadStore } from '../../payloads/payload-store';
import { type DestinationPause, readDestinationPause } from '../../payloads/destination-state';
import type { AwaitDestinationInput } from '../contracts';
import { retryable, toActivityFailure } from '../failures';
import { channelPhrases } from '../../domain/decision';
import { cutToUnits } from '../../text/cut';

/** In ms. Ended pauses are noticed within this time, and a random part of it more. */
const lookEveryMs = 10_000;

/**
 * Returns once the destination is not paused. Until then every attempt fails, and Temporal retries: that needs
 * neither a place in the worker nor an event in the history.
 */
export function createAwaitDestination({
  store,
}: {
  readonly store: PayloadStore;
}): (input: AwaitDestinationInput) => Promise<void> {
  return ({ destination }) =>
    toActivityFailure('waiting for a destination', async () => {
      const pause = await readDestinationPause(store, destination);
      if (pause) throw retryable(describePause(destination, pause), 'DestinationPaused', lookEveryMs);
    });
}

/** A sentence for the operator, at most 300 characters. */
export function describePause(destination: string, { by, through, reason }: DestinationPause): string {
  const words = reason === undefined ? '' : ` ("${cutToUnits(reason, 100)}")`;
  const channel = through === undefined ? '' : ` (token) ${channelPhrases[through]}`;
  return cutToUnits(
    `The destination ${destination} is paused by ${by}${channel}${words}. This export continues when it is resumed.`,
    300,
  );
}
