import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { LabelingActivities, MainActivities, NotifyInput } from '../../activities/contracts';
import { formatNumber } from '../../text/format-number';

const once = {
  /** A killed worker is noticed after this: activities send a heartbeat every second or two. */
  heartbeatTimeout: '10s',
  /** A cancelled activity ends in order (a call in flight gets its receipt, staged files go) before the workflow goes on. */
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;

/** Reads a delivery and freezes its plan. */
export const { prepareExport } = proxyActivities<MainActivities>({
  ...once,
  startToCloseTimeout: '1h', // a 1 GiB body reads in seconds; a store over a slow network may take long
  retry: { initialInterval: '1s', maximumInterval: '1m' }, // no limit: a store that is down comes back, nothing accepted is lost
  summary: 'reads the delivery and freezes the plan',
});

/** Writes a report and removes inbox entries. */
export const { writeReport } = proxyActivities<MainActivities>({
  ...once,
  startToCloseTimeout: '1h', // a million labels take seconds; as above
  retry: { initialInterval: '1s', maximumInterval: '1m' }, // no limit: without its report a request would stay in the inbox
  summary: 'writes the report',
});

/** One call to a labeling service; its summary says which positions of the plan, from 1. */
export function relabelChunkOn(taskQueue: string, range: { from: number; to: number }) {
  const { relabelChunk } = proxyActivities<LabelingActivities>({
    ...once,
    taskQueue,
    startToCloseTimeout: '10m', // one call and two small files; a call's own time-out is far shorter
    retry: { initialInterval: '1s', maximumInterval: '1m' }, // no limit: a service that is down comes back; a person may pause or cancel
    summary: `labels ${formatNumber(range.from + 1)}-${formatNumber(range.to)}`,
  });
  return relabelChunk;
}

/** The run closes only after its notices: a receiver that is away must not hold it longer. */
export const noticeMs = 15 * 60_000;

/** Tells one target of one event, for at most `ms`. */
export function notify(input: NotifyInput, ms: number): Promise<void> {
  const { notify: tell } = proxyActivities<MainActivities>({
    startToCloseTimeout: '30s', // one call with a time-out of 10 s
    scheduleToCloseTimeout: ms,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED, // no activity is in flight when the run is continued as new
    retry: { initialInterval: '1s', maximumInterval: '1m' },
    summary: `${input.event} to ${input.target}`,
  });
  return tell(input);
}

/** Notes that a notice was given up. */
export const { noteNotice } = proxyActivities<MainActivities>({
  startToCloseTimeout: '1m', // one small file
  retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: 10 }, // a store that is away holds no run for a notice
  summary: 'notes a notice that was not delivered',
});

/** Looks for the gateway's record of a decision. */
export const { checkDecision } = proxyActivities<MainActivities>({
  startToCloseTimeout: '10s', // reads one small file
  retry: { initialInterval: '200ms', maximumInterval: '5s' }, // no limit: a person waits, and may ask again
  summary: 'looks for the record of a decision',
});

/** Writes a decision beside the plan. */
export const { keepDecision } = proxyActivities<MainActivities>({
  startToCloseTimeout: '1m', // writes one small file
  retry: { initialInterval: '200ms', maximumInterval: '1m' }, // no limit: nothing is done because of a decision that is not kept
  summary: 'keeps the decision',
});
