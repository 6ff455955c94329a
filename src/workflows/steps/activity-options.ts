import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { LabelingActivities, MainActivities, NotifyInput } from '../../activities/contracts';
import { formatNumber } from '../../text/format-number';

const common = {
  /** Activities send a heartbeat every second or two: five missed heartbeats reveal a killed worker. */
  heartbeatTimeout: '10s',
  /**
   * The workflow waits until a cancelled activity has cleaned up: a call in flight gets its receipt, and
   * staged files are removed.
   */
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;

/** Reads a delivery and freezes its plan. */
export const { prepareExport } = proxyActivities<MainActivities>({
  ...common,
  startToCloseTimeout: '1h', // a 1 GiB body takes seconds; a store over a slow network may take much longer
  retry: { initialInterval: '1s', maximumInterval: '1m' }, // no limit: a store that is down comes back, and nothing accepted may be lost
  summary: 'reads the delivery and freezes the plan',
});

/** Writes a report and removes inbox entries. */
export const { writeReport } = proxyActivities<MainActivities>({
  ...common,
  startToCloseTimeout: '1h', // a million labels take seconds; a store over a slow network may take much longer
  retry: { initialInterval: '1s', maximumInterval: '1m' }, // no limit: without its report a request would stay in the inbox
  summary: 'writes the report',
});

/** One call to a labeling service; the summary shows its positions in the plan, from 1. */
export function relabelChunkOn(taskQueue: string, range: { from: number; to: number }) {
  const { relabelChunk } = proxyActivities<LabelingActivities>({
    ...common,
    taskQueue,
    startToCloseTimeout: '10m', // one call and two small files; the call's own time-out is far shorter
    retry: { initialInterval: '1s', maximumInterval: '1m' }, // no limit: a service that is down comes back; an operator may pause or cancel
    summary: `labels ${formatNumber(range.from + 1)}-${formatNumber(range.to)}`,
  });
  return relabelChunk;
}

/**
 * 15 minutes: the run stays open for its notices, and a receiver that is down must not keep it open longer.
 */
export const noticeMs = 15 * 60_000;

/** Sends one notice to its receiver. @param ms total time for all attempts, in milliseconds. */
export function notify(input: NotifyInput, ms: number): Promise<void> {
  const activities = proxyActivities<MainActivities>({
    startToCloseTimeout: '30s', // one call with a time-out of 10 s
    scheduleToCloseTimeout: ms,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED, // waits for the cancelled activity, so that none is in flight when the run continues as new
    retry: { initialInterval: '1s', maximumInterval: '1m' }, // until `ms` have passed: the receiver may be restarting
    summary: `${input.event} to ${input.target}`,
  });
  return activities.notify(input);
}

/** Records a notice that was given up. */
export const { noteNotice } = proxyActivities<MainActivities>({
  startToCloseTimeout: '1m', // one small file
  retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: 10 }, // a store that is down must not keep the run open for a notice
  summary: 'records a notice that was given up',
});

/** Checks a decision proof. */
export const { checkDecision } = proxyActivities<MainActivities>({
  startToCloseTimeout: '10s', // reads one small file
  retry: { initialInterval: '200ms', maximumInterval: '5s' }, // short intervals: an operator is waiting; no limit: a repeated decision gets the answer of this check
  summary: 'checks a decision proof',
});

/** Waits until a destination is not paused. */
export const { awaitDestination } = proxyActivities<MainActivities>({
  startToCloseTimeout: '30s', // reads one small file
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED, // none may be in flight when the run continues as new
  retry: { initialInterval: '10s', maximumInterval: '1m' }, // no limit: a pause may last for weeks
  summary: 'waits until the destination is not paused',
});

/** Writes an applied decision beside the plan. */
export const { keepDecision } = proxyActivities<MainActivities>({
  startToCloseTimeout: '1m', // writes one small file
  retry: { initialInterval: '200ms', maximumInterval: '1m' }, // no limit: a decision that is not written down must not take effect
  summary: 'writes the decision beside the plan',
});
