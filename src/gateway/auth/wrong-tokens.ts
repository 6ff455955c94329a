import { isIPv6 } from 'node:net';

const firstDelayMs = 200;
const maxDelayMs = 5000;
/** After 15 minutes without a wrong token an address starts again with the first delay. */
const forgetAfterMs = 15 * 60_000;
/** At most 10,000 addresses in memory; the one without a wrong token for longest is removed first. */
const maxAddresses = 10_000;

/**
 * Counts wrong tokens per address. The answer to the first is delayed by 0.2 s, each further one twice as
 * long, up to 5 s.
 *
 * @param now ms of any monotonic clock.
 */
export function createWrongTokens(now: () => number = () => performance.now()): {
  delayMs(address: string | undefined): number;
} {
  const delays = new Map<string, { ms: number; at: number }>();
  return {
    delayMs(address = '') {
      const network = networkOfAddress(address);
      const last = delays.get(network);
      const ms = last && now() - last.at < forgetAfterMs ? Math.min(last.ms * 2, maxDelayMs) : firstDelayMs;
      delays.delete(network); // to move it to the end of the map
      delays.set(network, { ms, at: now() });
      const [oldest] = delays.keys();
      if (delays.size > maxAddresses && oldest !== undefined) delays.delete(oldest);
      return ms;
    },
  };
}

/**
 * The /64 network of an IPv6 address: a sender that has one of its addresses has them all. Other addresses
 * are unchanged.
 */
function networkOfAddress(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [left = '', right = ''] = address.split('::');
  const groups = (part: string) => part.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: 8 - groups(left).length - groups(right).length }, () => '0');
  return [...groups(left), ...zeros, ...groups(right)].slice(0, 4).join(':');
}
