import type { SteerAction } from '../../../domain/decision';
import { pausePromise } from '../../../text/sentences';

/**
 * What a resume does first. If a labeling service fails one call, it usually fails every call
 * (docs/decisions/006-the-first-call-goes-alone.md).
 */
export const resumePromise = 'one call is sent first; the rest follow once it gets through';

/** The answer of the API and the page to a steer request. The run acts once a worker receives the signal. */
export const steerMessages: Readonly<Record<SteerAction, string>> = {
  pause: `Pause requested: ${pausePromise}.`,
  resume: `Resume requested: ${resumePromise}.`,
  cancel: 'Cancel requested: calls in flight finish, then the report is written. Queued requests continue.',
};

/** Follows the message of a pause or cancel whose proof the store could not keep. */
export const claimNote =
  'The store cannot be written, so the log of the export marks your name as claimed, not proven.';

/** Follows the message of a pause or cancel for a run that Temporal itself paused. */
export function pausedInTemporalNote(unpauseWith: string): string {
  return `Temporal itself paused this run and keeps the request until the run is unpaused: ${unpauseWith}`;
}
