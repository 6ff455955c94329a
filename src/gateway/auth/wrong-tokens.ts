import { isIPv6 } from 'node:net';
import { clock } from '../../clock/clock';

const firstDelayMs = 200;
const maxDelayMs = 5000;
/** After 15 minutes without a wrong token, an address starts again at the first delay. */
const forgetAfterMs = 15 * 60_000;
/** Maximum addresses in memory. The address whose last wrong token is oldest is removed first. */
const maxAddresses = 10_000;

/**
 * Tracks wrong tokens per address. The answer to the first is delayed by 0.2 s. Each further delay is twice
 * as long, up to 5 s.
 *
 * @param now returns the ms of any monotonic clock.
 */
export function createWrongTokens(now: () => number = clock.monotonic): {
  delayMs(address: string | undefined): number;
} {
  const delays = new Map<string, { ms: number; at: number }>();
  return {
    delayMs(address = '') {
      const network = networkOfAddress(address);
      const last = delays.get(network);
      const ms = last && now() - last.at < forgetAfterMs ? Math.min(last.ms * 2, maxDelayMs) : firstDelayMs;
      delays.delete(network); // so that `set` adds it at the end of the map
      delays.set(network, { ms, at: now() });
      const [oldest] = delays.keys();
      if (delays.size > maxAddresses && oldest !== undefined) delays.delete(oldest);
      return ms;
    },
  };
}

/**
 * Reduces an IPv6 address to its /64 network, because a sender with one of the network's addresses has all of
 * them. Other addresses are unchanged.
 */
function networkOfAddress(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [left = '', right = ''] = address.split('::');
  const groups = (part: string) => part.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: 8 - groups(left).length - groups(right).length }, () => '0');
  return [...groups(left), ...zeros, ...groups(right)].slice(0, 4).join(':');
}
