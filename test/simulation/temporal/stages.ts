import { randomUUID } from 'node:crypto';
import { status as grpcStatus } from '@grpc/grpc-js';
import { defineSignal } from '@temporalio/workflow';
import type { Client } from '@temporalio/client';
import type { Logger } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { ExportRequest } from '../../../src/domain/request';
import { labelingTaskQueue, mainTaskQueue } from '../../../src/temporal/names';
import {
  type DecideArgs,
  decideUpdate,
  exportRequestedSignal,
  type Progress,
  progressQuery,
} from '../../../src/workflows/messages';
import type { Carried } from '../../../src/workflows/state/carried';
import { ScriptedActivities } from '../../support/harness/scripted-activities';
import { withLateWorker } from '../../support/harness/workflow-harness';
import { createRandom } from '../../support/seeded-random';
import { until } from '../../support/until';
import { Machine } from '../machine';
import { Timeline } from '../timeline';
import { createSimulatedClient } from './client';
import { TemporalServer } from './server';
import { SimulatedWorker } from './worker';
import { activityNames, type Sandbox } from './workflow-host';

/** One workflow id of the real workflow with scripted activities: on a real server or on the stand-in. */
export interface Stage {
  readonly activities: ScriptedActivities;
  /** Epoch ms, on the server's clock. */
  now(): number;
  /** `signalWithStart` with `exportRequested`. @param carried makes it a continued run. */
  request(request: ExportRequest, carried?: Carried): Promise<void>;
  signal(name: string, ...args: readonly unknown[]): Promise<void>;
  cancel(): Promise<void>;
  /** Sends the update `decide`. @returns a function that waits for its answer, or the reason of its refusal. */
  decide(decision: object): Promise<() => Promise<string>>;
  progress(): Promise<Progress>;
  until(what: string, check: () => Promise<boolean> | boolean): Promise<void>;
  untilStage(stage: string): Promise<void>;
  /** Waits until the server's clock shows this time. */
  untilTime(epochMs: number): Promise<void>;
  status(): Promise<{ readonly name: string; readonly isClosed: boolean }>;
  untilStatus(name: string): Promise<void>;
  /** Resets the run to its first workflow task. */
  resetToFirstTask(): Promise<void>;
  /** What an operator of Temporal does to a run. */
  pauseInTemporal(): Promise<void>;
  unpauseInTemporal(): Promise<void>;
  /** No worker runs meanwhile. */
  withoutWorker(act: () => Promise<void>): Promise<void>;
}

/** What happens before a worker runs, and afterwards. */
export interface Play {
  readonly before: (stage: Stage) => Promise<void>;
  /** @returns what the people outside saw. */
  readonly after: (stage: Stage) => Promise<unknown>;
}

/** What a play shows: it must be equal on the stand-in and on the real server. */
export interface Observed {
  /** The calls of activities, in order. */
  readonly calls: readonly string[];
  readonly reports: readonly unknown[];
  readonly status: string;
  readonly said: unknown;
}

export async function playOnServer(env: TestWorkflowEnvironment, play: Play): Promise<Observed> {
  let stage: Stage | undefined;
  let calls: readonly string[] = [];
  let observed: Observed | undefined;
  await withLateWorker(
    env,
    async (newHarness) => {
      const { activities, workflowId } = newHarness();
      calls = recordCalls(activities);
      stage = createServerStage(env, activities, workflowId);
      await play.before(stage);
    },
    async (withoutWorker) => {
      const found = Object.assign(stage!, { withoutWorker });
      observed = await observe(found, calls, await play.after(found));
      if (!(await found.status()).isClosed) await env.client.workflow.getHandle(idOf(found)).terminate();
    },
  );
  return observed!;
}

export async function playOnStandIn(sandbox: Sandbox, play: Play): Promise<Observed> {
  const { stage, startWorker, close } = createStandInStage(sandbox);
  const calls = recordCalls(stage.activities);
  try {
    await play.before(stage);
    await startWorker();
    return await observe(stage, calls, await play.after(stage));
  } finally {
    await close();
  }
}

const ids = new WeakMap<Stage, string>();

function idOf(stage: Stage): string {
  return ids.get(stage) ?? '';
}

async function observe(stage: Stage, calls: readonly string[], said: unknown): Promise<Observed> {
  return normalise({
    calls,
    reports: stage.activities.reports,
    status: (await stage.status()).name,
    said,
  });
}

/** Keeps the order of the calls across all activities. */
function recordCalls(activities: ScriptedActivities): readonly string[] {
  const calls: string[] = [];
  for (const name of activityNames) {
    const own = activities[name] as (input: unknown) => Promise<unknown>;
    Object.defineProperty(activities, name, {
      value: (input: unknown) => {
        calls.push(`${name} ${JSON.stringify(input)}`);
        return own(input);
      },
    });
  }
  return calls;
}

/** Leaves out what no two plays share: times and names of task queues. */
function normalise<T>(value: T): T {
  const text = JSON.stringify(value)
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>')
    .replaceAll(/\b1[789]\d{11}\b/g, '0')
    .replaceAll(/test-[0-9a-f-]{36}|labeling-labelbox/g, '<queue>');
  return JSON.parse(text) as T;
}

/** The part of both stages that a client does. */
function talk(client: Client, workflowId: string, taskQueue: string) {
  const handle = client.workflow.getHandle(workflowId);
  return {
    request: async (request: ExportRequest, carried?: Carried) => {
      await client.workflow.signalWithStart('ExportIssue', {
        workflowId,
        taskQueue,
        args: [{ issueId: request.issueId, ...(carried ? { carried } : {}) }],
        signal: exportRequestedSignal,
        signalArgs: [request],
      });
    },
    signal: (name: string, ...args: readonly unknown[]) =>
      handle.signal(defineSignal<unknown[]>(name), ...args),
    cancel: async () => void (await handle.cancel()),
    progress: () => handle.query(progressQuery),
    decide: (decision: object): Promise<string> =>
      handle.executeUpdate(decideUpdate, { args: [decision as DecideArgs], updateId: randomUUID() }).then(
        ({ result }) => result,
        (error: Error) => describeError(error),
      ),
    status: async () => {
      const { status, closeTime } = await handle.describe();
      return { name: status.name, isClosed: closeTime !== undefined };
    },
  };
}

export function describeError(error: unknown): string {
  const { code, details } = ((error as Error).cause ?? {}) as { code?: number; details?: string };
  if (code !== undefined) return `${grpcStatus[code]}: ${details}`;
  const cause = (error as Error).cause as Error | undefined;
  return cause?.message ?? (error as Error).message;
}

function createServerStage(
  env: TestWorkflowEnvironment,
  activities: ScriptedActivities,
  workflowId: string,
): Stage {
  const said = talk(env.client, workflowId, activities.taskQueue);
  const runId = async () => (await env.client.workflow.getHandle(workflowId).describe()).runId;
  const stage: Stage = {
    ...said,
    activities,
    now: () => Date.now(),
    decide: async (decision) => {
      const answer = said.decide(decision);
      return () => answer;
    },
    until: async (what, check) => void (await until(what, check)),
    untilStage: (name) => stage.until(`stage ${name}`, async () => (await said.progress()).stage === name),
    untilTime: (epochMs) => stage.until('the time', () => Date.now() >= epochMs),
    untilStatus: (name) => stage.until(`status ${name}`, async () => (await said.status()).name === name),
    resetToFirstTask: async () => {
      const id = await runId();
      const { events } = await env.client.workflow.getHandle(workflowId, id).fetchHistory();
      const completed = events?.find((event) => event.workflowTaskCompletedEventAttributes);
      await env.client.workflowService.resetWorkflowExecution({
        namespace: 'default',
        workflowExecution: { workflowId, runId: id },
        reason: 'test',
        requestId: randomUUID(),
        workflowTaskFinishEventId: completed?.eventId ?? null,
      });
    },
    pauseInTemporal: async () =>
      void (await env.client.workflowService.pauseWorkflowExecution({
        namespace: 'default',
        workflowId,
        runId: await runId(),
        reason: 'test',
        requestId: randomUUID(),
      })),
    unpauseInTemporal: async () =>
      void (await env.client.workflowService.unpauseWorkflowExecution({
        namespace: 'default',
        workflowId,
        runId: await runId(),
        reason: 'test',
        requestId: randomUUID(),
      })),
    withoutWorker: () => Promise.reject(new Error('No worker has run.')),
  };
  ids.set(stage, workflowId);
  return stage;
}

const startMs = Date.parse('2026-11-24T10:00:00.000Z');
const longestMs = 60_000;

function createStandInStage(sandbox: Sandbox) {
  const timeline = new Timeline(startMs, () => undefined);
  const random = createRandom(1);
  const failures: string[] = [];
  const server = new TemporalServer(timeline, random, {
    onTask: () => undefined,
    onTaskFailed: (_, message) => failures.push(message),
    losesCompletion: () => false,
  });
  const activities = new ScriptedActivities(labelingTaskQueue('labelbox'));
  const machine = new Machine('worker', timeline, random);
  const places = new Map([
    [mainTaskQueue, 100],
    [labelingTaskQueue('labelbox'), 8],
  ]);
  const create = () => ({ main: activities, labeling: () => activities });
  const worker = new SimulatedWorker(machine, server, sandbox, create, places, silent);
  const client = createSimulatedClient(new Machine('client', timeline, random), server, {
    isTemporalReachable: true,
  });
  const workflowId = 'export-issue-1';
  const said = talk(client, workflowId, mainTaskQueue);
  const startWorker = async () => {
    if (machine.state === 'dead') {
      await worker.restart();
      machine.start();
    }
    if (!server.workers.includes(worker)) server.workers.push(worker);
  };
  /** Lets time pass until it is so. */
  const pass = async (what: string, check: () => Promise<boolean> | boolean): Promise<void> => {
    for (let step = 0; step * 10 < longestMs; step += 1) {
      if (await check()) return;
      await timeline.runUntil(timeline.now + 10, () => undefined);
    }
    throw new Error(`Timed out while waiting for ${what}. ${failures.join('\n')}`);
  };
  const passing = async <T>(work: Promise<T>): Promise<T> => {
    let isDone = false;
    const finished = (): void => {
      isDone = true;
    };
    work.then(finished, finished);
    await pass('an answer', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return isDone;
    });
    return work;
  };
  const run = () => server.latest(workflowId)!;
  const stage: Stage = {
    activities,
    now: () => Math.floor(timeline.now),
    request: (request, carried) => passing(said.request(request, carried)),
    signal: (name, ...args) => passing(said.signal(name, ...args)),
    cancel: () => passing(said.cancel()),
    progress: () => passing(said.progress()),
    status: () => passing(said.status()),
    decide: async (decision) => {
      const answer = said.decide(decision);
      await timeline.runUntil(timeline.now + 100, () => undefined);
      return () => passing(answer);
    },
    until: pass,
    untilStage: (name) => pass(`stage ${name}`, async () => (await stage.progress()).stage === name),
    untilTime: (epochMs) => timeline.runUntil(epochMs, () => undefined),
    untilStatus: (name) => pass(`status ${name}`, () => run().status === name),
    resetToFirstTask: async () => server.reset(workflowId, 0),
    pauseInTemporal: async () => {
      run().status = 'PAUSED';
    },
    unpauseInTemporal: async () => {
      run().status = 'RUNNING';
    },
    withoutWorker: async (act) => {
      machine.kill();
      await act();
      await startWorker();
    },
  };
  return { stage, startWorker, close: () => worker.close() };
}

const silent: Logger = {
  log: () => undefined,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
