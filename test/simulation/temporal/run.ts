import type { coresdk } from '@temporalio/proto';
import type { Job, Task } from './history';

type RunStatus =
  | 'RUNNING'
  | 'PAUSED'
  | 'COMPLETED'
  | 'FAILED'
  | 'CANCELLED'
  | 'TERMINATED'
  | 'CONTINUED_AS_NEW';

/** An activity that a run has scheduled and that has no result yet. */
export interface PendingActivity {
  readonly seq: number;
  readonly command: coresdk.workflow_commands.IScheduleActivity;
  /** Epoch ms. */
  readonly scheduledAt: number;
  attempt: number;
  /** Epoch ms, of this attempt. */
  attemptScheduledAt: number;
  state: 'waiting' | 'started';
  /** Names the attempt that runs: results of others are refused. */
  token: number;
  /** Epoch ms, of its last heartbeat or start. */
  heardAt: number;
  startedAt: number;
  isCancelRequested: boolean;
}

/** An update that waits for its result. */
export interface PendingUpdate {
  readonly id: string;
  readonly job: Job;
  answer(result: UpdateResult): void;
}

export type UpdateResult =
  | { readonly kind: 'completed'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly failure: unknown };

export interface WorkflowRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly firstRunId: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly tasks: Task[];
  status: RunStatus;
  closedAt?: number;
  continuedTo?: string;
  /** What happened since the last task began, in order. */
  pending: Job[];
  /** The task that is being carried out. */
  task?: { readonly token: number; readonly jobs: readonly Job[]; readonly startedAt: number } | undefined;
  isTaskScheduled: boolean;
  /** Number of events. */
  events: number;
  /** The worker that has the run in memory. */
  sticky?: string | undefined;
  readonly activities: Map<number, PendingActivity>;
  /** Cancels of the timers. */
  readonly timers: Map<number, () => void>;
  readonly updates: Map<string, PendingUpdate>;
  /** Number of tasks that failed one after the other. */
  failures: number;
}

export function isOpen({ status }: WorkflowRun): boolean {
  return status === 'RUNNING' || status === 'PAUSED';
}
