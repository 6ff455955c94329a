/**
 * A service that asks for longer than this is asked again after it: an hour of silence is noticed by people,
 * a day is lost.
 */
const longestMs = 60 * 60 * 1000;

/**
 * Milliseconds that a Retry-After header asks to wait, at most an hour: whole seconds or an HTTP date (RFC
 * 9110, 10.2.3). Undefined when it is absent or says neither. A date that has passed is 0.
 *
 * @param now milliseconds since 1970.
 */
export function retryAfterMs(
  header: string | readonly string[] | undefined,
  now = Date.now(),
): number | undefined {
  const text = (typeof header === 'string' ? header : header?.[0])?.trim();
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, longestMs);
  const at = /^[A-Za-z]/.test(text) ? Date.parse(text) : Number.NaN; // every HTTP date begins with a day's name; Date.parse alone takes "-5" for a year
  return Number.isNaN(at) ? undefined : Math.min(Math.max(at - now, 0), longestMs);
}
