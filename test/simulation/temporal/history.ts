import type { coresdk, temporal } from '@temporalio/proto';

export type Job = coresdk.workflow_activation.IWorkflowActivationJob;
export type Command = coresdk.workflow_commands.IWorkflowCommand;

/** A workflow task that a worker completed, and the server recorded. */
export interface Task {
  /** Names it: a worker that carried out another one in its place must replay. */
  readonly token: number;
  /** Epoch ms, when a worker began it. */
  readonly startedAt: number;
  readonly jobs: readonly Job[];
  readonly commands: readonly Command[];
  /** Flags of the SDK that the worker used. */
  readonly flags: readonly number[];
  /** Number of events before the task. */
  readonly historyLength: number;
  readonly suggestsContinueAsNew: boolean;
}

/** What a replay must make again: the kinds of the commands, and what decides them. */
export function commandText(commands: readonly Command[]): string {
  return commands.map(describeCommand).join('\n');
}

function describeCommand(command: Command): string {
  const kind =
    Object.keys(command).find((key) => command[key as keyof Command] && key !== 'userMetadata') ?? '';
  const { seq, activityType, protocolInstanceId } = (command[kind as keyof Command] ?? {}) as {
    seq?: number;
    activityType?: string;
    protocolInstanceId?: string;
  };
  return [kind, seq, activityType, protocolInstanceId].filter((part) => part !== undefined).join(' ');
}

/**
 * The order in which Temporal's core hands the jobs of one task to the SDK: the start first, then signals, then
 * updates, then the rest as they came.
 */
export function inOrderOfCore(jobs: readonly Job[]): Job[] {
  return jobs
    .map((job, at) => ({ job, at, rank: rank(job) }))
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .map(({ job }) => job);
}

function rank(job: Job): number {
  if (job.initializeWorkflow) return 0;
  if (job.updateRandomSeed) return 1;
  if (job.signalWorkflow) return 2;
  if (job.doUpdate) return 3;
  return 4;
}

type ScheduleActivity = coresdk.workflow_commands.IScheduleActivity;
type Failure = temporal.api.failure.v1.IFailure;

/** A failed activity's failure, with its cause, as the workflow gets it. */
export function asActivityFailure(cause: Failure, command: ScheduleActivity): Failure {
  return {
    message: 'activity error',
    cause,
    activityFailureInfo: {
      activityId: command.activityId ?? '',
      activityType: { name: command.activityType ?? '' },
      identity: '',
      retryState: 0,
    },
  };
}

export function cancelledActivity(command: ScheduleActivity): Failure {
  return asActivityFailure({ message: 'cancelled', canceledFailureInfo: {} }, command);
}

/**
 * What Temporal's core does with an activity or a timer that one task begins and cancels: the server never hears of
 * it, and the workflow learns at once that the activity is cancelled.
 * @returns the commands for the server, and the jobs for the workflow.
 */
export function cancelInCore(commands: readonly Command[]): {
  readonly sent: Command[];
  readonly jobs: Job[];
} {
  const seqsOf = (seq: (command: Command) => number | null | undefined) =>
    new Set(commands.flatMap((command) => seq(command) ?? []));
  const activities = seqsOf(({ requestCancelActivity }) => requestCancelActivity?.seq);
  const timers = seqsOf(({ cancelTimer }) => cancelTimer?.seq);
  const neverSent = commands.filter(
    ({ scheduleActivity, startTimer }) =>
      (scheduleActivity && activities.has(scheduleActivity.seq ?? 0)) ||
      (startTimer && timers.has(startTimer.seq ?? 0)),
  );
  const dropped = (of: 'scheduleActivity' | 'startTimer', seq: number | null | undefined): boolean =>
    seq !== undefined && neverSent.some((command) => command[of]?.seq === seq);
  const sent = commands.filter(
    (command) =>
      !neverSent.includes(command) &&
      !dropped('scheduleActivity', command.requestCancelActivity?.seq) &&
      !dropped('startTimer', command.cancelTimer?.seq),
  );
  const jobs = neverSent.flatMap(({ scheduleActivity }): Job[] =>
    scheduleActivity
      ? [
          {
            resolveActivity: {
              seq: scheduleActivity.seq ?? 0,
              result: { cancelled: { failure: cancelledActivity(scheduleActivity) } },
            },
          },
        ]
      : [],
  );
  return { sent, jobs };
}
