import { isIPv6 } from 'node:net';

const firstMs = 200;
const mostMs = 5000;
/** Without a wrong token for so long an address begins again, in ms. */
const forgottenAfterMs = 15 * 60_000;
/** Addresses that are remembered; the one that was quiet for longest goes first. */
const addressesAtMost = 10_000;

/**
 * Counts wrong tokens per address: the answer to the first waits 0.2 s, each further one twice as long, at most 5 s.
 *
 * @param now ms, of any clock.
 */
export function createWrongTokens(now: () => number = () => performance.now()): {
  delayMs(address: string | undefined): number;
} {
  const seen = new Map<string, { ms: number; at: number }>();
  return {
    delayMs(address = '') {
      const from = networkOfAddress(address);
      const last = seen.get(from);
      const ms = last && now() - last.at < forgottenAfterMs ? Math.min(last.ms * 2, mostMs) : firstMs;
      seen.delete(from); // so that it stands last
      seen.set(from, { ms, at: now() });
      const [oldest] = seen.keys();
      if (seen.size > addressesAtMost && oldest !== undefined) seen.delete(oldest);
      return ms;
    },
  };
}

/** Of an IPv6 address the network (/64): whoever has one has all of its addresses. */
function networkOfAddress(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [left = '', right = ''] = address.split('::');
  const groups = (part: string) => part.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: 8 - groups(left).length - groups(right).length }, () => '0');
  return [...groups(left), ...zeros, ...groups(right)].slice(0, 4).join(':');
}
