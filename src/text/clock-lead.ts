import { formatDuration } from './duration';

/** In ms. Smaller differences between two clocks are normal, and change no order that matters. */
const notableLeadMs = 5000;

/**
 * Describes by how much a clock is certainly ahead of another, or behind it: `15 minutes ahead of`,
 * `20 seconds behind`.
 * @param lead the difference in ms: at least `min`, at most `max`; negative if the clock is behind.
 * @returns undefined if the clocks may differ by less than 5 s.
 */
export function describeLead({
  min,
  max,
}: {
  readonly min: number;
  readonly max: number;
}): string | undefined {
  if (min >= notableLeadMs) return `${formatDuration(min, 'coarse')} ahead of`;
  if (max <= -notableLeadMs) return `${formatDuration(-max, 'coarse')} behind`;
  return undefined;
}
