import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { defined } from '../../../collections/defined';
import { namespaceFlag, unpauseActivityCommand } from '../../../temporal/unpause-commands';
import { cutWithEllipsis } from '../../../text/cut';
import type { PendingActivity } from '../operator-api';

/** Maximum activities of one answer. A run has at most a few dozen: its calls in flight and its notices. */
const maxActivities = 100;
/** Maximum characters of a failure, as of a refusal's message. */
const maxFailure = 300;

/** Temporal's `PendingActivityState`. */
const startedStates: ReadonlySet<unknown> = new Set([2, 3]); // started; cancel requested

type Info = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

/** Returns a run's activities that have failed at least once, or that a person paused in Temporal. */
export function pendingActivities(
  client: Pick<Client, 'options'>,
  { workflowId, raw }: Pick<WorkflowExecutionDescription, 'workflowId' | 'raw'>,
): PendingActivity[] {
  const flags = namespaceFlag(client.options.namespace);
  return (raw.pendingActivities ?? [])
    .filter(({ paused, lastFailure, activityType }) => {
      // every attempt of `awaitDestination` fails until the pause ends; the pause itself is shown
      return paused === true || (lastFailure && activityType?.name !== 'awaitDestination');
    })
    .slice(0, maxActivities)
    .map((info) => toPendingActivity(info, workflowId, flags));
}

function toPendingActivity(info: Info, workflowId: string, flags: string): PendingActivity {
  const { activityType, activityId, attempt, lastFailure, nextAttemptScheduleTime, pauseInfo } = info;
  const base = {
    activity: activityType?.name ?? '',
    activityId: activityId ?? '',
    attempt: attempt ?? 1,
    ...defined({
      lastFailure: lastFailure ? cutWithEllipsis(lastFailure.message ?? '', maxFailure) : undefined,
    }),
  };
  if (info.paused === true) {
    const { identity: by, reason } = pauseInfo?.manual ?? {};
    const unpauseWith = unpauseActivityCommand(workflowId, base.activityId, flags);
    return {
      ...base,
      state: 'paused',
      ...defined({ by: by || undefined, reason: reason || undefined }),
      unpauseWith,
    };
  }
  if (startedStates.has(info.state)) return { ...base, state: 'running' };
  const nextMs = nextAttemptScheduleTime ? Number(nextAttemptScheduleTime.seconds ?? 0) * 1000 : 0;
  if (nextMs > 0) return { ...base, state: 'waiting', nextAttemptAt: new Date(nextMs).toISOString() };
  return { ...base, state: 'queued' };
}
