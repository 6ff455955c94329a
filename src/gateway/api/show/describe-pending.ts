import { formatNumber } from '../../../text/format-number';
import { pluralize } from '../../../text/pluralize';
import { describeStuck } from '../../../text/sentences';
import { describeDestination } from './describe-destination';
import type { ExportDetail, PendingActivity } from '../operator-api';

/** Maximum sentences. A service that is down fails every call in flight alike, which is one sentence. */
const maxSentences = 10;

/**
 * Everything that keeps an export waiting, one sentence each: its destination, an unreadable plan, that it is stuck, then its
 * activities.
 */
export function describeWaiting({
  destinationState,
  planFault,
  stuck,
  pending,
}: Pick<ExportDetail, 'destinationState' | 'planFault' | 'stuck' | 'pending'>): string[] {
  return [
    ...(destinationState ? describeDestination(destinationState) : []),
    ...(planFault === undefined ? [] : [planFault]),
    ...(stuck ? [describeStuck(stuck)] : []),
    ...describePending(pending),
  ];
}

/**
 * Describes the activities that keep an export waiting, for the page and the command: one sentence for all
 * activities that failed alike, and one for each activity that a person paused in Temporal. Times are
 * absolute, because the page's script compares the text every 2 s.
 */
function describePending(pending: readonly PendingActivity[]): string[] {
  const groups = new Map<string, PendingActivity[]>();
  for (const activity of pending) {
    const key = JSON.stringify([
      activity.activity,
      activity.lastFailure,
      activity.state === 'paused' ? activity.activityId : '',
    ]);
    groups.set(key, [...(groups.get(key) ?? []), activity]);
  }
  const sentences = [...groups.values()].map(describeGroup);
  if (sentences.length <= maxSentences) return sentences;
  const more = sentences.length - maxSentences;
  return [...sentences.slice(0, maxSentences), `${pluralize(more, 'other failure')} not shown.`];
}

function describeGroup(group: readonly PendingActivity[]): string {
  const [first] = group;
  if (first?.state === 'paused') return describePaused(first);
  const failure = (first?.lastFailure ?? '').replace(/\.$/, '');
  const failed = Math.max(...group.map(failures));
  const head =
    group.length === 1
      ? `${first?.activity} failed ${times(failed)}`
      : `${formatNumber(group.length)} activities ${first?.activity} failed, up to ${times(failed)} each`;
  return `${head}: ${failure}. ${describeNext(group)}`;
}

function describePaused(paused: PendingActivity & { readonly state: 'paused' }): string {
  const { activity, by, reason, unpauseWith, lastFailure } = paused;
  const sender = `${by === undefined ? '' : ` by ${by}`}${reason === undefined ? '' : ` (“${reason}”)`}`;
  const failure =
    lastFailure === undefined
      ? ''
      : ` It failed ${times(failures(paused))} before: ${lastFailure.replace(/\.$/, '')}.`;
  return `${activity} is paused in Temporal${sender}.${failure} Unpause it: ${unpauseWith}`;
}

/** The earliest next attempt of the group. */
function describeNext(group: readonly PendingActivity[]): string {
  const running = group.find(({ state }) => state === 'running');
  if (running) return `Attempt ${formatNumber(running.attempt)} is running.`;
  const [next] = group
    .flatMap((activity) => (activity.state === 'waiting' ? [activity.nextAttemptAt] : []))
    .toSorted();
  return next === undefined
    ? 'The next attempt waits for a worker.'
    : `Next attempt at ${next.slice(0, 19).replace('T', ' ')} UTC.`;
}

/** `attempt` counts the attempt that runs or comes next. A reset in Temporal sets it back to 1. */
function failures({ attempt }: PendingActivity): number {
  return Math.max(1, attempt - 1);
}

function times(count: number): string {
  return count === 1 ? 'once' : `${formatNumber(count)} times`;
}
