import { clock } from '../../clock/clock';

/** The time and the id of a request. Neither ever changes. */
export interface Stamp {
  /** `20261124T001122333Z-<12 hex>`: sorts by time. */
  readonly requestId: string;
  /** ISO 8601 with milliseconds, UTC. */
  readonly receivedAt: string;
}

/**
 * Creates stamps whose times strictly increase within this process. When the clock stops or jumps back, the
 * next stamp is 1 ms after the last. A newer request supersedes an older one, so the order of the stamps must
 * be the order of arrival.
 *
 * @param now returns ms since 1970.
 */
export function createStamps(now: () => number = clock.now): () => Stamp {
  let last = 0;
  return () => {
    last = Math.max(now(), last + 1);
    const receivedAt = new Date(last).toISOString();
    return { receivedAt, requestId: `${receivedAt.replace(/[-:.]/g, '')}-${clock.randomHex(6)}` };
  };
}
