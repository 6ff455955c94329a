import { formatDuration } from './duration';

/** What a pause promises: said by page, command and API. */
export const pausePromise = 'calls in flight finish, then nothing more is sent until you resume';

/** The deadline of a question while its export is paused: said by page, command, details and notices. */
export function pausedDeadline(remainingMs?: number): string {
  const rest = remainingMs === undefined ? '' : `; ${formatDuration(remainingMs, 'exact')} remain`;
  return `The deadline is on hold while the export is paused${rest}.`;
}
