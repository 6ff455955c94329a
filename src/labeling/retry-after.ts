/** A service that asks for longer than this is asked again after it. */
const longestMs = 60 * 60 * 1000;

/** Milliseconds a Retry-After header asks to wait (seconds or an HTTP date, RFC 9110); undefined when it says nothing useful. */
export function retryAfterMs(header: string | string[] | undefined, now = Date.now()): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), longestMs) : undefined;
}
