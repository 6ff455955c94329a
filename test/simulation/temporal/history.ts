import type { coresdk } from '@temporalio/proto';

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
