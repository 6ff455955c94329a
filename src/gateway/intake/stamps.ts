import { clock } from '../../clock/clock';
import { listInbox } from '../../payloads/inbox-entry';
import type { PayloadStore } from '../../payloads/payload-store';

/** The time and the id of a request. Neither ever changes. */
export interface Stamp {
  /** `20261124T001122333Z-<12 hex>`: sorts by time. */
  readonly requestId: string;
  /** ISO 8601 with milliseconds, UTC. */
  readonly receivedAt: string;
}

/** In ms. A clock is not wrong by more; a name in the inbox that is further ahead is not a receipt. */
const maxLeadMs = 24 * 60 * 60_000;

/**
 * Creates stamps that are later than every stamp of this process and than every request that waits in the inbox when
 * the stamp is asked for. When the clock stops or jumps back, or when another gateway's clock runs ahead, the next
 * stamp is 1 ms after the last. A newer request supersedes an older one, so the order of the stamps must be the order
 * of arrival. While the inbox can't be listed, only this process's stamps count.
 *
 * @param now returns ms since 1970.
 */
export function createStamps(
  store: Pick<PayloadStore, 'list'>,
  now: () => number = clock.now,
): () => Promise<Stamp> {
  let last = 0;
  let listing: Promise<readonly string[]> | undefined;
  /** Requests that arrive together share a listing, and so keep their order. */
  const waiting = (): Promise<readonly string[]> =>
    (listing ??= listInbox(store)
      .catch(() => [])
      .finally(() => {
        listing = undefined;
      }));
  return async () => {
    const arrived = now();
    const newest = newestTime(await waiting());
    last = Math.max(arrived, last + 1, newest > arrived + maxLeadMs ? 0 : newest + 1);
    const receivedAt = new Date(last).toISOString();
    return { receivedAt, requestId: `${receivedAt.replace(/[-:.]/g, '')}-${clock.randomHex(6)}` };
  };
}

/**
 * @param requestIds sorted, and so by time: the search begins at the end, because each delivery makes it.
 * @returns ms since 1970; 0 when no id has a time.
 */
function newestTime(requestIds: readonly string[]): number {
  for (const requestId of requestIds.toReversed()) {
    const time = timeOf(requestId);
    if (time > 0) return time;
  }
  return 0;
}

function timeOf(requestId: string): number {
  const digits = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-/.exec(requestId);
  if (!digits) return 0;
  const [, year, month, day, hour, minute, second, ms] = digits;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`) || 0;
}
