import { formatDuration } from './duration';
import { pluralize } from './pluralize';

/** What a pause guarantees. The page, the CLI and the API all use this text. */
export const pausePromise = 'calls in flight finish, then nothing more is sent until you resume';

/**
 * What a pause does to a question's deadline. The page, the CLI, Temporal's details and the notices all use
 * this sentence.
 */
export function pausedDeadline(remainingMs?: number): string {
  const rest = remainingMs === undefined ? '' : `; ${formatDuration(remainingMs, 'exact')} remain`;
  return `The deadline is suspended while the export is paused${rest}.`;
}

/**
 * Why an export stands still. Page, CLI and Temporal's details use this sentence; its time is absolute, because
 * they compare texts.
 * @param stuck as in `Progress`.
 */
export function describeStuck({ since, because, failures }: StuckState): string {
  return `No call has been answered since ${formatUtc(since)} (${pluralize(failures, 'failed attempt')}). ${because} Requeue keeps trying.`;
}

/** `2026-11-28 06:40:12 UTC`. @param iso ISO 8601. */
export function formatUtc(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}

interface StuckState {
  readonly since: string;
  readonly because: string;
  readonly failures: number;
}

/** @param variable the environment variable that sets the port. */
export function portInUse(port: number | undefined, variable: string): string {
  return `Port ${port} is in use: stop the program that listens on it, or set ${variable} to another port.`;
}
