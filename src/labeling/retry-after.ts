import { clock } from '../clock/clock';

/** Maximum delay to honour, in ms. No service means more than a week; page, command and `doctor` show the wait. */
export const maxRetryAfterMs = 7 * 24 * 60 * 60 * 1000;

/**
 * Reads a Retry-After header: whole seconds or an HTTP date (RFC 9110, 10.2.3).
 * @param now the current time, in ms since 1970.
 * @returns milliseconds to wait, at most a week; 0 for a date in the past; undefined when the header is
 *   absent or invalid.
 */
export function retryAfterMs(
  header: string | readonly string[] | undefined,
  now = clock.now(),
): number | undefined {
  const text = (typeof header === 'string' ? header : header?.[0])?.trim();
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, maxRetryAfterMs);
  // every HTTP date begins with a weekday; Date.parse alone would read "-5" as a year
  const at = /^[A-Za-z]/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.min(Math.max(at - now, 0), maxRetryAfterMs);
}
