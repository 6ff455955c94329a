import { formatDuration } from './duration';

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

/** @param variable the environment variable that sets the port. */
export function portInUse(port: number | undefined, variable: string): string {
  return `Port ${port} is in use: stop the program that listens on it, or set ${variable} to another port.`;
}
