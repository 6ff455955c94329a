import { randomBytes } from 'node:crypto';

/** When a request was received, and its name for ever. */
export interface Stamp {
  /** `20261124T001122333Z-<12 hex>`: sorts by time. */
  readonly requestId: string;
  /** ISO 8601 with milliseconds, UTC. */
  readonly receivedAt: string;
}

/**
 * Stamps requests with strictly increasing times within this process: when the clock stands still or jumps back, a millisecond
 * after the last one. A newer request supersedes an older one, so the order must be that of arrival, whatever the clock does.
 *
 * @param now ms since 1970, UTC.
 */
export function createStamps(now: () => number = Date.now): () => Stamp {
  let last = 0;
  return () => {
    last = Math.max(now(), last + 1);
    const receivedAt = new Date(last).toISOString();
    return { receivedAt, requestId: `${receivedAt.replace(/[-:.]/g, '')}-${randomBytes(6).toString('hex')}` };
  };
}
