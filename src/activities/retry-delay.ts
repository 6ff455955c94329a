import { clock } from '../clock/clock';

/** The bound of the delays before retries, in ms. It doubles with each attempt. */
export interface BackOff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** A short outage costs about a second. A service that is down gets about two calls a minute per activity. */
export const commonBackOff: BackOff = { firstMs: 1000, maxMs: 60_000 };

/**
 * Returns the delay before the next attempt, with full jitter: calls that fail together do not come back
 * together, as they would with Temporal's own back-off, which is not random.
 * @param attempt the attempt that failed, from 1.
 * @param atLeastMs the delay that the other side named; the random part is added to it.
 * @param random returns a number in [0, 1).
 * @returns whole milliseconds, at least 1.
 */
export function retryDelayMs(
  { attempt, atLeastMs = 0, backOff = commonBackOff }: RetryDelayInput,
  random: () => number = clock.random,
): number {
  const bound = Math.min(backOff.maxMs, backOff.firstMs * 2 ** (attempt - 1));
  const spread = Math.max(bound, atLeastMs / 10); // after a minute's wait, one second would hardly spread the calls
  return Math.max(1, Math.ceil(atLeastMs + random() * spread));
}

interface RetryDelayInput {
  readonly attempt: number;
  readonly atLeastMs?: number | undefined;
  readonly backOff?: BackOff;
}
