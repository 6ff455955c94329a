import { defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import type { coresdk, temporal } from '@temporalio/proto';
import type { Random } from '../../support/seeded-random';
import type { Timeline } from '../timeline';
import { asActivityFailure, cancelledActivity, type Command, type Job, type Task } from './history';
import { isOpen, type PendingActivity, type PendingUpdate, type UpdateResult, type WorkflowRun } from './run';

type Failure = temporal.api.failure.v1.IFailure;

/** A task for a worker: the jobs that are new, and what it needs to replay the rest. */
export interface WorkflowTask {
  readonly run: WorkflowRun;
  readonly token: number;
  readonly task: Omit<Task, 'commands' | 'flags'>;
}

/** An attempt for a worker. */
export interface ActivityTask {
  readonly run: WorkflowRun;
  readonly activity: PendingActivity;
  readonly token: number;
}

/** A worker process, as the server sees it. */
export interface WorkerLink {
  readonly name: string;
  /** False: its connection is closed. A frozen worker still looks connected. */
  isConnected(): boolean;
  /** Whether it polls the queue and has a place left. */
  canTake(taskQueue: string): boolean;
  takeWorkflowTask(task: WorkflowTask): void;
  takeActivityTask(task: ActivityTask): void;
  query(run: WorkflowRun, queryType: string, answer: (result: unknown, error?: Error) => void): void;
}

/** What the simulation looks at and disturbs. */
export interface ServerHooks {
  /** Called when a task of a run is recorded. */
  onTask(run: WorkflowRun, task: Task): void;
  /** Called when a worker fails a task. */
  onTaskFailed(run: WorkflowRun, message: string): void;
  /** Whether the server forgets this answer of a worker: the network lost it. */
  losesCompletion(): boolean;
}

/** In ms, as the development server has them. */
const taskTimeoutMs = 10_000;
const stickyMs = 1000;
const pollMs = 1000;
const queryMs = 50;

export class NotFound extends Error {}
/** A person paused the run in Temporal itself: it answers no query and takes no update. */
export class PausedInTemporal extends Error {}
/** The run is closing: the real server refuses signals for a moment. */
export class Busy extends Error {}

/** A Temporal server for one namespace and one workflow type, in memory. */
export class TemporalServer {
  namespaceId: string;
  readonly workers: WorkerLink[] = [];
  /** By workflow id, the oldest first. */
  readonly workflows = new Map<string, WorkflowRun[]>();
  private readonly runs = new Map<string, WorkflowRun>();
  private tokens = 0;

  constructor(
    private readonly timeline: Timeline,
    private readonly random: Random,
    private readonly hooks: ServerHooks,
  ) {
    this.namespaceId = this.newId();
  }

  /** Everything is gone, as after the loss of a database. Workers still carry out what they have begun. */
  loseDatabase(): void {
    for (const run of this.runs.values()) this.forget(run);
    this.runs.clear();
    this.workflows.clear();
    this.namespaceId = this.newId();
  }

  signalWithStart(
    workflowId: string,
    args: readonly unknown[],
    name: string,
    signalArgs: readonly unknown[],
  ): string {
    const open = this.findOpen(workflowId);
    const run = open ?? this.startRun(workflowId, toPayloads(args));
    this.addSignal(run, name, toPayloads(signalArgs));
    return run.runId;
  }

  /** @throws {NotFound} when no run is open. */
  signal(workflowId: string, name: string, args: readonly unknown[]): void {
    this.addSignal(this.requireOpen(workflowId), name, toPayloads(args));
  }

  /** A run that has closed takes it without effect. @throws {NotFound} when there is no run. */
  requestCancel(workflowId: string): void {
    const run = this.findOpen(workflowId);
    if (!run && this.latest(workflowId)) return;
    if (!run) throw notFound(workflowId);
    if (this.allJobs(run).some(({ cancelWorkflow }) => cancelWorkflow)) return;
    this.addJob(run, { cancelWorkflow: { reason: '' } });
  }

  /** @throws {NotFound} when no run is open. */
  terminate(workflowId: string): void {
    this.close(this.requireOpen(workflowId), 'TERMINATED');
  }

  /** @throws {NotFound} when no run is open. */
  update(
    workflowId: string,
    id: string,
    name: string,
    args: readonly unknown[],
    answer: PendingUpdate['answer'],
  ): void {
    const run = this.requireOpen(workflowId);
    if (run.status === 'PAUSED')
      throw new PausedInTemporal('Workflow is paused. Cannot update the workflow.');
    const known = run.updates.get(id);
    if (known) {
      const before = known.answer.bind(known);
      run.updates.set(id, {
        ...known,
        answer: (result) => {
          before(result);
          answer(result);
        },
      });
      return;
    }
    const job: Job = {
      doUpdate: {
        id,
        protocolInstanceId: id,
        name,
        input: [...toPayloads(args)] as never,
        headers: {},
        runValidator: true,
      },
    };
    run.updates.set(id, { id, job, answer });
    this.addJob(run, job);
  }

  query(workflowId: string, queryType: string, answer: (result: unknown, error?: Error) => void): void {
    const run = this.latest(workflowId);
    if (!run) return answer(undefined, new NotFound('workflow not found'));
    if (run.status === 'PAUSED') return answer(undefined, new PausedInTemporal('Query rejected'));
    if (run.tasks.length === 0 && isOpen(run)) {
      this.timeline.after(queryMs, 'temporal: query', () => this.query(workflowId, queryType, answer));
      return; // a query waits for the first task
    }
    const worker = this.chooseWorker('requeue', run.sticky);
    worker?.query(run, queryType, answer); // without a worker the query hangs, as on the real server
  }

  latest(workflowId: string): WorkflowRun | undefined {
    return this.workflows.get(workflowId)?.at(-1);
  }

  find(workflowId: string, runId: string): WorkflowRun | undefined {
    const run = this.runs.get(runId);
    return run?.workflowId === workflowId ? run : undefined;
  }

  findOpen(workflowId: string): WorkflowRun | undefined {
    const run = this.latest(workflowId);
    return run && isOpen(run) ? run : undefined;
  }

  openRuns(): WorkflowRun[] {
    return [...this.runs.values()].filter(isOpen);
  }

  /**
   * Starts another run from the tasks before `keep`, as a reset does. Signals and accepted updates after
   * them are given to it again, a cancellation is not.
   */
  reset(workflowId: string, keep: number): void {
    const old = this.requireOpen(workflowId);
    const run = this.createRun(workflowId, old.firstRunId, old.startedAt);
    const kept = old.tasks.slice(0, keep);
    const later = [
      ...old.tasks.slice(keep).flatMap(({ jobs }) => jobs),
      ...(old.task?.jobs ?? []),
      ...old.pending,
    ];
    this.close(old, 'TERMINATED');
    for (const task of kept) this.record(run, task, true);
    for (const activity of run.activities.values()) {
      if (activity.isCancelRequested) this.cancelActivity(run, activity.seq);
      else this.offerActivity(run, activity);
    }
    const bytes = Array.from({ length: 8 }, () => this.random.integer(0, 255));
    const start = later.find(({ initializeWorkflow }) => initializeWorkflow);
    if (keep === 0 && start) this.addJob(run, start);
    this.addJob(run, { updateRandomSeed: { randomnessSeed: { toBytes: () => bytes } as never } });
    for (const job of later) {
      const isAccepted = job.doUpdate?.runValidator === false;
      if (job.signalWorkflow) this.addJob(run, job);
      if (isAccepted) this.addJob(run, { doUpdate: { ...job.doUpdate, runValidator: true } });
    }
  }

  /* What workers report. */

  /** @throws {NotFound} when the task is no longer this worker's. */
  completeWorkflowTask(
    { run, token, task }: WorkflowTask,
    worker: string,
    commands: readonly Command[],
    flags: readonly number[],
  ): void {
    if (run.task?.token !== token || !isOpen(run)) throw new NotFound('Workflow task not found.');
    if (commands.some(isClosing) && run.pending.length > 0) {
      this.returnTask(run); // UNHANDLED_COMMAND: something came in while the run was about to close
      throw new NotFound('Unhandled command.');
    }
    run.task = undefined;
    run.failures = 0;
    run.sticky = worker;
    const refused = findRefused(run, commands);
    const recorded: Task = {
      ...task,
      jobs: task.jobs
        .filter(({ doUpdate }) => !refused.has(doUpdate?.id ?? ''))
        .map((job) => (job.doUpdate ? { doUpdate: { ...job.doUpdate, runValidator: false } } : job)),
      commands: commands.filter(
        ({ updateResponse }) => !refused.has(updateResponse?.protocolInstanceId ?? ''),
      ),
      flags,
    };
    if (recorded.jobs.length > 0 || recorded.commands.length > 0) {
      this.record(run, recorded, false);
      this.hooks.onTask(run, recorded);
    }
    this.answerUpdates(run, commands);
    if (run.pending.length > 0) this.scheduleTask(run);
  }

  /** The worker could not carry out the task. @throws {NotFound} */
  failWorkflowTask({ run, token }: WorkflowTask, message: string): void {
    if (run.task?.token !== token || !isOpen(run)) throw new NotFound('Workflow task not found.');
    this.hooks.onTaskFailed(run, message);
    run.failures += 1;
    this.returnTask(run);
  }

  /** @throws {NotFound} when the attempt is no longer this worker's. */
  heartbeat({ run, activity, token }: ActivityTask): { readonly isCancelRequested: boolean } {
    this.requireAttempt(run, activity, token);
    activity.heardAt = this.timeline.now;
    return { isCancelRequested: activity.isCancelRequested };
  }

  /** @throws {NotFound} when the attempt is no longer this worker's. */
  completeActivity({ run, activity, token }: ActivityTask, value: unknown): void {
    this.requireAttempt(run, activity, token);
    if (this.hooks.losesCompletion()) return;
    this.resolve(run, activity, { completed: { result: defaultPayloadConverter.toPayload(value) as never } });
  }

  /** @throws {NotFound} when the attempt is no longer this worker's. */
  failActivity({ run, activity, token }: ActivityTask, error: Error): void {
    this.requireAttempt(run, activity, token);
    if (this.hooks.losesCompletion()) return;
    const failure = toFailure(error);
    if (activity.isCancelRequested && failure.canceledFailureInfo)
      return this.resolve(run, activity, {
        cancelled: { failure: asActivityFailure(failure, activity.command) as never },
      });
    this.failAttempt(run, activity, failure);
  }

  /** An operator resets an activity: its next attempt is the first one again. */
  resetActivity(run: WorkflowRun, activity: PendingActivity): void {
    activity.attempt = 1;
    activity.state = 'waiting';
    activity.attemptScheduledAt = this.timeline.now;
    this.offerActivity(run, activity);
  }

  /* Runs. */

  private startRun(workflowId: string, input: readonly unknown[], firstRunId?: string): WorkflowRun {
    const run = this.createRun(workflowId, firstRunId, this.timeline.now);
    this.addJob(run, {
      initializeWorkflow: {
        workflowType: 'ExportIssue',
        workflowId,
        arguments: input as never,
        headers: {},
        identity: '',
        attempt: 1,
        firstExecutionRunId: run.firstRunId,
      },
    });
    return run;
  }

  private createRun(workflowId: string, firstRunId: string | undefined, startedAt: number): WorkflowRun {
    const runId = this.newId();
    const run: WorkflowRun = {
      workflowId,
      runId,
      firstRunId: firstRunId ?? runId,
      startedAt,
      tasks: [],
      status: 'RUNNING',
      pending: [],
      isTaskScheduled: false,
      events: 1,
      activities: new Map(),
      timers: new Map(),
      updates: new Map(),
      failures: 0,
    };
    this.runs.set(runId, run);
    this.workflows.set(workflowId, [...(this.workflows.get(workflowId) ?? []), run]);
    return run;
  }

  private addSignal(run: WorkflowRun, signalName: string, input: readonly unknown[]): void {
    this.addJob(run, { signalWorkflow: { signalName, input: input as never, identity: '', headers: {} } });
  }

  private addJob(run: WorkflowRun, job: Job): void {
    run.pending.push(job);
    run.events += 1;
    this.scheduleTask(run);
  }

  private allJobs(run: WorkflowRun): Job[] {
    return [...run.tasks.flatMap(({ jobs }) => jobs), ...(run.task?.jobs ?? []), ...run.pending];
  }

  private close(run: WorkflowRun, status: WorkflowRun['status']): void {
    run.status = status;
    run.closedAt = this.timeline.now;
    this.forget(run);
  }

  private forget(run: WorkflowRun): void {
    for (const cancel of run.timers.values()) cancel();
    run.timers.clear();
    run.activities.clear();
    run.task = undefined;
    if (isOpen(run)) run.status = 'TERMINATED';
    for (const update of run.updates.values())
      update.answer({ kind: 'failed', failure: { message: 'workflow execution already completed' } });
    run.updates.clear();
  }

  /* Workflow tasks. */

  private scheduleTask(run: WorkflowRun, ms = this.random.integer(1, 20)): void {
    if (run.isTaskScheduled || run.task || !isOpen(run)) return;
    run.isTaskScheduled = true;
    this.timeline.after(ms, 'temporal: task', () => {
      run.isTaskScheduled = false;
      if (isOpen(run) && !run.task && run.pending.length > 0) this.startTask(run);
    });
  }

  private startTask(run: WorkflowRun): void {
    if (run.status === 'PAUSED') return this.scheduleTask(run, pollMs);
    const worker = this.chooseWorker('requeue', run.sticky);
    if (!worker) {
      run.sticky = undefined;
      return this.scheduleTask(run, run.sticky ? stickyMs : pollMs);
    }
    const token = (this.tokens += 1);
    const jobs = run.pending;
    run.pending = [];
    run.task = { token, jobs, startedAt: this.timeline.now };
    this.timeline.after(taskTimeoutMs, 'temporal: task timeout', () => {
      if (run.task?.token === token) this.returnTask(run);
    });
    worker.takeWorkflowTask({
      run,
      token,
      task: {
        token,
        startedAt: Math.floor(this.timeline.now),
        jobs,
        historyLength: run.events + 2,
        suggestsContinueAsNew: run.events > this.suggestAt,
      },
    });
  }

  /** Number of events from which on the server suggests to continue as new; the real one has 4,096. */
  suggestAt = 4096;

  /** The task's jobs wait for the next task. */
  private returnTask(run: WorkflowRun): void {
    run.pending = [...(run.task?.jobs ?? []), ...run.pending];
    run.task = undefined;
    run.sticky = undefined;
    this.scheduleTask(run, run.failures > 0 ? 10_000 : undefined);
  }

  private record(run: WorkflowRun, task: Task, isReset: boolean): void {
    run.tasks.push(task);
    run.events += 3;
    for (const command of task.commands) this.carryOut(run, command, isReset);
    if (isReset) for (const job of task.jobs) this.replayJob(run, job);
  }

  /** After a reset, what the kept tasks already know is no longer pending. */
  private replayJob(run: WorkflowRun, { resolveActivity, fireTimer }: Job): void {
    if (resolveActivity) run.activities.delete(resolveActivity.seq ?? 0);
    if (fireTimer) {
      run.timers.get(fireTimer.seq ?? 0)?.();
      run.timers.delete(fireTimer.seq ?? 0);
    }
  }

  private carryOut(run: WorkflowRun, command: Command, isReset: boolean): void {
    run.events += 1;
    if (command.scheduleActivity) this.scheduleActivity(run, command.scheduleActivity, isReset);
    if (command.requestCancelActivity)
      this.cancelActivity(run, command.requestCancelActivity.seq ?? 0, isReset);
    if (command.startTimer) this.startTimer(run, command.startTimer);
    if (command.cancelTimer) {
      run.timers.get(command.cancelTimer.seq ?? 0)?.();
      run.timers.delete(command.cancelTimer.seq ?? 0);
    }
    if (command.completeWorkflowExecution) this.close(run, 'COMPLETED');
    if (command.failWorkflowExecution) this.close(run, 'FAILED');
    if (command.cancelWorkflowExecution) this.close(run, 'CANCELLED');
    if (command.continueAsNewWorkflowExecution) {
      this.close(run, 'CONTINUED_AS_NEW');
      const next = this.startRun(
        run.workflowId,
        command.continueAsNewWorkflowExecution.arguments ?? [],
        run.firstRunId,
      );
      run.continuedTo = next.runId;
    }
  }

  private startTimer(
    run: WorkflowRun,
    { seq, startToFireTimeout }: coresdk.workflow_commands.IStartTimer,
  ): void {
    const cancel = this.timeline.after(toMs(startToFireTimeout) ?? 0, 'temporal: timer', () => {
      run.timers.delete(seq ?? 0);
      this.addJob(run, { fireTimer: { seq: seq ?? 0 } });
    });
    run.timers.set(seq ?? 0, cancel);
  }

  private answerUpdates(run: WorkflowRun, commands: readonly Command[]): void {
    for (const { updateResponse } of commands) {
      const id = updateResponse?.protocolInstanceId ?? '';
      const waiting = run.updates.get(id);
      const result = updateResponse && updateResult(updateResponse);
      if (!waiting || !result) continue;
      run.updates.delete(id);
      waiting.answer(result);
    }
  }

  /* Activities. */

  private scheduleActivity(
    run: WorkflowRun,
    command: coresdk.workflow_commands.IScheduleActivity,
    isReset: boolean,
  ): void {
    const { now } = this.timeline;
    const activity: PendingActivity = {
      seq: command.seq ?? 0,
      command,
      scheduledAt: now,
      attempt: 1,
      attemptScheduledAt: now,
      state: 'waiting',
      token: 0,
      heardAt: now,
      startedAt: now,
      isCancelRequested: false,
    };
    run.activities.set(activity.seq, activity);
    if (!isReset) this.offerActivity(run, activity);
  }

  private offerActivity(run: WorkflowRun, activity: PendingActivity, ms = this.random.integer(1, 20)): void {
    const token = (activity.token = this.tokens += 1);
    this.timeline.after(ms, 'temporal: activity', () => {
      if (activity.token !== token || run.activities.get(activity.seq) !== activity) return;
      if (run.status === 'PAUSED') return this.offerActivity(run, activity, pollMs);
      const worker = this.chooseWorker(activity.command.taskQueue ?? '');
      if (!worker) return this.offerActivity(run, activity, pollMs);
      activity.state = 'started';
      activity.startedAt = this.timeline.now;
      activity.heardAt = this.timeline.now;
      run.events += 1;
      this.watchAttempt(run, activity, token);
      worker.takeActivityTask({ run, activity, token });
    });
  }

  private watchAttempt(run: WorkflowRun, activity: PendingActivity, token: number): void {
    const { heartbeatTimeout, startToCloseTimeout, scheduleToCloseTimeout } = activity.command;
    const timeOut = (): void => {
      if (activity.token !== token || activity.state !== 'started') return;
      if (run.activities.get(activity.seq) !== activity) return;
      const [at, type] = (
        [
          [activity.heardAt + (toMs(heartbeatTimeout) ?? Infinity), 'heartbeat'],
          [activity.startedAt + (toMs(startToCloseTimeout) ?? Infinity), 'start-to-close'],
          [activity.scheduledAt + (toMs(scheduleToCloseTimeout) ?? Infinity), 'schedule-to-close'],
        ] as const
      ).toSorted((a, b) => a[0] - b[0])[0]!;
      if (at > this.timeline.now) {
        this.timeline.after(at - this.timeline.now, 'temporal: attempt timeout', timeOut);
        return;
      }
      this.failAttempt(run, activity, {
        message: `activity ${type} timeout`,
        timeoutFailureInfo: {},
      });
    };
    timeOut();
  }

  /** Retries if the policy allows it. A cancelled activity is not retried. */
  private failAttempt(run: WorkflowRun, activity: PendingActivity, failure: Failure): void {
    const { retryPolicy, scheduleToCloseTimeout } = activity.command;
    const info = failure.applicationFailureInfo;
    const backOff = Math.min(
      toMs(retryPolicy?.maximumInterval) ?? 100_000,
      (toMs(retryPolicy?.initialInterval) ?? 1000) * 2 ** (activity.attempt - 1),
    );
    const delay = toMs(info?.nextRetryDelay) ?? backOff;
    const maximum = retryPolicy?.maximumAttempts || Infinity;
    const end = activity.scheduledAt + (toMs(scheduleToCloseTimeout) ?? Infinity);
    const isLast =
      info?.nonRetryable === true ||
      activity.attempt >= maximum ||
      this.timeline.now + delay >= end ||
      activity.isCancelRequested;
    if (isLast)
      return this.resolve(run, activity, {
        failed: { failure: asActivityFailure(failure, activity.command) as never },
      });
    activity.attempt += 1;
    activity.state = 'waiting';
    activity.attemptScheduledAt = this.timeline.now + delay;
    this.offerActivity(run, activity, delay);
  }

  private cancelActivity(run: WorkflowRun, seq: number, isReset = false): void {
    const activity = run.activities.get(seq);
    if (!activity) return;
    activity.isCancelRequested = true;
    if (activity.state === 'waiting' && !isReset)
      this.resolve(run, activity, {
        cancelled: {
          failure: cancelledActivity(activity.command) as never,
        },
      });
  }

  private resolve(
    run: WorkflowRun,
    activity: PendingActivity,
    result: coresdk.activity_result.IActivityResolution,
  ): void {
    run.activities.delete(activity.seq);
    this.addJob(run, { resolveActivity: { seq: activity.seq, result } });
  }

  private requireAttempt(run: WorkflowRun, activity: PendingActivity, token: number): void {
    if (
      run.activities.get(activity.seq) === activity &&
      activity.token === token &&
      activity.state === 'started'
    )
      return;
    throw new NotFound('Activity task not found.');
  }

  /** @param preferred the worker that has the run in memory. */
  private chooseWorker(taskQueue: string, preferred?: string): WorkerLink | undefined {
    const able = this.workers.filter((worker) => worker.isConnected() && worker.canTake(taskQueue));
    const sticky = able.find(({ name }) => name === preferred);
    if (sticky) return sticky;
    return able.length === 0 ? undefined : this.random.pick(able);
  }

  private requireOpen(workflowId: string): WorkflowRun {
    const run = this.findOpen(workflowId);
    if (run) return run;
    throw this.latest(workflowId)
      ? new NotFound('workflow execution already completed')
      : notFound(workflowId);
  }

  private newId(): string {
    const hex = Array.from({ length: 32 }, () => this.random.integer(0, 15).toString(16)).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
}

function notFound(workflowId: string): NotFound {
  return new NotFound(`workflow not found for ID: ${workflowId}`);
}

function toPayloads(values: readonly unknown[]): readonly unknown[] {
  return values.map((value) => defaultPayloadConverter.toPayload(value));
}

function toFailure(error: Error): Failure {
  return defaultFailureConverter.errorToFailure(error, defaultPayloadConverter) as Failure;
}

function isClosing(command: Command): boolean {
  return Boolean(
    command.completeWorkflowExecution ??
    command.failWorkflowExecution ??
    command.cancelWorkflowExecution ??
    command.continueAsNewWorkflowExecution,
  );
}

/** Updates that their validator refused: they leave no trace in the history. */
function findRefused(run: WorkflowRun, commands: readonly Command[]): ReadonlySet<string> {
  const accepted = new Set(
    [...run.tasks.flatMap((task) => task.commands), ...commands].flatMap(({ updateResponse }) =>
      updateResponse?.accepted ? [updateResponse.protocolInstanceId] : [],
    ),
  );
  return new Set(
    commands.flatMap(({ updateResponse }) =>
      updateResponse?.rejected && !accepted.has(updateResponse.protocolInstanceId)
        ? [updateResponse.protocolInstanceId ?? '']
        : [],
    ),
  );
}

function updateResult({
  completed,
  rejected,
}: coresdk.workflow_commands.IUpdateResponse): UpdateResult | undefined {
  if (completed) return { kind: 'completed', value: defaultPayloadConverter.fromPayload(completed as never) };
  return rejected ? { kind: 'failed', failure: rejected } : undefined;
}

function toMs(duration: unknown): number | undefined {
  return optionalTsToMs(duration as never);
}
