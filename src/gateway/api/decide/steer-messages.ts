import type { SteerAction } from '../../../domain/decision';
import { pausePromise } from '../../../text/sentences';

/**
 * What a resume does first: what fails at a service mostly fails with every call
 * (docs/decisions/006-the-first-call-goes-alone.md).
 */
export const resumePromise = 'one call is sent first; the rest follow once it gets through';

/** The messages of API and page for a steering request. The run acts once a worker takes the signal. */
export const steerMessages: Readonly<Record<SteerAction, string>> = {
  pause: `Pause requested: ${pausePromise}.`,
  resume: `Resume requested: ${resumePromise}.`,
  cancel: 'Cancel requested: calls in flight finish, then the report is written. Queued requests continue.',
};
