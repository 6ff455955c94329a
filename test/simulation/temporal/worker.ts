import { asyncLocalStorage, Context, type Info } from '@temporalio/activity';
import { CancelledFailure, defaultPayloadConverter, type Logger, noopMetricMeter } from '@temporalio/common';
import type { Activities } from '../../../src/activities';
import type { Machine } from '../machine';
import type { WorkflowRun } from './run';
import {
  type ActivityTask,
  NotFound,
  type TemporalServer,
  type WorkerLink,
  type WorkflowTask,
} from './server';
import { type Sandbox, WorkflowHost } from './workflow-host';

/** The SDK's worker throttles heartbeats; in ms. */
const heartbeatEveryMs = 2000;

type Activity = (input: never) => Promise<unknown>;

/** A worker process: it carries out workflow tasks and activities, on a machine. */
export class SimulatedWorker implements WorkerLink {
  readonly name: string;
  private readonly host: WorkflowHost;
  private activities: Activities;
  /** Attempts that run, by task queue. */
  private running = new Map<string, number>();
  private work: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly machine: Machine,
    private readonly server: TemporalServer,
    sandbox: Sandbox,
    /** Creates the activities, as a start of the process does. */
    private readonly createActivities: () => Activities,
    /** Places for activities, by task queue. */
    private readonly places: ReadonlyMap<string, number>,
    private readonly log: Logger,
  ) {
    this.name = machine.name;
    this.host = new WorkflowHost(sandbox);
    this.activities = this.createActivities();
  }

  /** Forgets everything in memory. Call it after the machine was killed. */
  async restart(): Promise<void> {
    await this.close();
    this.running = new Map();
    this.activities = this.createActivities();
  }

  async close(): Promise<void> {
    await this.work;
    await this.host.evictAll();
  }

  isConnected(): boolean {
    return this.machine.state !== 'dead';
  }

  canTake(taskQueue: string): boolean {
    const places = this.places.get(taskQueue);
    return places !== undefined && (this.running.get(taskQueue) ?? 0) < places;
  }

  takeWorkflowTask(given: WorkflowTask): void {
    this.machine.receive('workflow task', () => this.inTurn(() => this.performWorkflowTask(given)));
  }

  takeActivityTask(given: ActivityTask): void {
    const queue = given.activity.command.taskQueue ?? '';
    this.running.set(queue, (this.running.get(queue) ?? 0) + 1);
    const { running } = this;
    this.machine.receive(given.activity.command.activityType ?? '', () => {
      void this.machine
        .run(() => this.performActivity(given))
        .finally(() => running.set(queue, (running.get(queue) ?? 1) - 1));
    });
  }

  query(run: WorkflowRun, queryType: string, answer: (result: unknown, error?: Error) => void): void {
    this.machine.receive('query', () =>
      this.inTurn(async () => {
        try {
          const command = await this.host.query(run, queryType);
          const payload = command?.respondToQuery?.succeeded?.response;
          answer(payload ? defaultPayloadConverter.fromPayload(payload as never) : undefined);
        } catch (error) {
          answer(undefined, error as Error);
        }
      }),
    );
  }

  /** The sandbox carries out one thing at a time. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.work.then(work);
    this.work = done.catch(() => undefined);
    return done;
  }

  private async performWorkflowTask(given: WorkflowTask): Promise<void> {
    const { run, task } = given;
    const result = await this.host.activate(run, task);
    void this.machine
      .io('workflow task completed', () => {
        if (result.kind === 'failed') this.server.failWorkflowTask(given, result.message);
        else this.server.completeWorkflowTask(given, this.name, result.commands, result.flags);
      })
      .then(
        () => (result.kind === 'failed' || run.closedAt !== undefined ? this.forget(run) : undefined),
        () => this.forget(run),
      );
  }

  private forget({ runId }: WorkflowRun): Promise<void> {
    return this.inTurn(() => this.host.evict(runId));
  }

  private async performActivity(given: ActivityTask): Promise<void> {
    const { run, activity } = given;
    const { activityType, taskQueue, arguments: args } = activity.command;
    const abort = new AbortController();
    const cancel = (): void => {
      if (!abort.signal.aborted) abort.abort(new CancelledFailure('CANCELLED'));
    };
    const context = new Context(
      toInfo(given),
      never(abort.signal),
      abort.signal,
      this.heartbeat(given, cancel),
      undefined,
      this.log,
      noopMetricMeter,
      {},
    );
    const input = defaultPayloadConverter.fromPayload((args as never[])[0]!);
    const outcome = await asyncLocalStorage.run(context, async () => {
      try {
        return { value: await this.find(activityType ?? '', taskQueue ?? '')(input as never) };
      } catch (error) {
        return { error: error as Error };
      }
    });
    const what = `${activityType} ${'error' in outcome ? `failed: ${outcome.error.message}` : 'completed'}`;
    await this.machine
      .io(what, () => {
        if ('error' in outcome) this.server.failActivity(given, outcome.error);
        else this.server.completeActivity(given, outcome.value);
      })
      .catch((error: unknown) => {
        if (!(error instanceof NotFound)) throw error; // a zombie's result is refused
      });
    void run;
  }

  /** Sends at most one heartbeat every two seconds. Its answer tells about a cancel, and about a lost attempt. */
  private heartbeat(given: ActivityTask, cancel: () => void): () => void {
    let sentAt = -Infinity;
    return () => {
      const now = this.machine.clock.monotonic();
      if (now - sentAt < heartbeatEveryMs) return;
      sentAt = now;
      void this.machine
        .io('heartbeat', () => this.server.heartbeat(given))
        .then(
          ({ isCancelRequested }) => isCancelRequested && cancel(),
          () => cancel(),
        );
    };
  }

  private find(name: string, taskQueue: string): Activity {
    const { main } = this.activities;
    if (name === 'relabelChunk')
      return this.activities.labeling(taskQueue.replace(/^labeling-/, '')).relabelChunk as Activity;
    return main[name as keyof typeof main] as Activity;
  }
}

/** Rejects when the signal aborts, as `Context.cancelled` promises. */
function never(signal: AbortSignal): Promise<never> {
  const cancelled = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
  cancelled.catch(() => undefined);
  return cancelled;
}

function toInfo({ run, activity }: ActivityTask): Info {
  const { command, attempt, scheduledAt, attemptScheduledAt } = activity;
  return {
    attempt,
    activityId: command.activityId ?? '',
    activityType: command.activityType ?? '',
    taskQueue: command.taskQueue ?? '',
    workflowExecution: { workflowId: run.workflowId, runId: run.runId },
    workflowType: 'ExportIssue',
    scheduledTimestampMs: Math.floor(scheduledAt),
    currentAttemptScheduledTimestampMs: Math.floor(attemptScheduledAt),
  } as unknown as Info;
}
