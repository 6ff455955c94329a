import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ChunkResult, RelabelChunkInput, StandingFailure } from '../contracts';
import { retryDelayMs } from '../retry-delay';

/** In ms. An export that has stood still for this long is reported. */
const standingMs = 10 * 60_000;

/** @param failures number of failed attempts so far. */
export function standingFailure({ message }: ApplicationFailure, failures: number): StandingFailure {
  return { because: message, failures, waitMs: retryDelayMs({ attempt: failures }) };
}

/**
 * Turns a failure that Temporal would retry into the result `still-failing` if all attempts of the last ten
 * minutes failed, and lets the delays grow across activities for the same range.
 */
export async function answerIfStanding(
  { failedBefore }: Pick<RelabelChunkInput, 'failedBefore'>,
  work: () => Promise<ChunkResult>,
): Promise<ChunkResult> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApplicationFailure) || error.nonRetryable === true) throw error;
    const { attempt, scheduledTimestampMs, currentAttemptScheduledTimestampMs } = activityInfo();
    const failures = (failedBefore?.failures ?? 0) + attempt;
    const delayMs = Number(error.nextRetryDelay ?? 0);
    if (attempt > 1 && currentAttemptScheduledTimestampMs - scheduledTimestampMs >= standingMs) {
      const { because, waitMs } = standingFailure(error, failures);
      return { kind: 'still-failing', because, failures, waitMs: Math.max(waitMs, delayMs) };
    }
    if (failedBefore && attempt > 1)
      throw withDelay(error, Math.max(delayMs, retryDelayMs({ attempt: failures })));
    throw error;
  }
}

function withDelay({ message, type, category }: ApplicationFailure, delayMs: number): ApplicationFailure {
  return new ApplicationFailure(message, type, false, [], undefined, delayMs, category);
}
