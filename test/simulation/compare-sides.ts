import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { createActivities } from '../../src/activities';
import { createOperatorApi } from '../../src/gateway/api/create-operator-api';
import type { OperatorApi } from '../../src/gateway/api/operator-api';
import { createDispatcher } from '../../src/gateway/dispatch/dispatcher';
import { createStamps } from '../../src/gateway/intake/stamps';
import { storeDelivery } from '../../src/gateway/intake/store-delivery';
import { createLinks } from '../../src/gateway/links';
import { createFolderStore } from '../../src/payloads/folder/folder-store';
import type { PayloadStore } from '../../src/payloads/payload-store';
import { pino } from 'pino';
import { exportWorkflowId, labelingTaskQueue, mainTaskQueue } from '../../src/temporal/names';
import { type Progress, progressQuery } from '../../src/workflows/messages';
import { aConfig, aDestination, aRoute } from '../support/builders';
import { createRandom } from '../support/seeded-random';
import { until } from '../support/until';
import type { ComparedCourse } from './compared-course';
import { LabelingWorld } from './labeling';
import type { Machine } from './machine';
import { planScenario, type Scenario } from './scenario';
import type { Sandbox } from './temporal/workflow-host';
import type { Timeline } from './timeline';
import { Trace } from './trace';
import { destinationName, World } from './world';

/** Requeue on the stand-in, or on a real server: what a course of an export needs of it. */
export interface Side {
  readonly store: PayloadStore;
  readonly api: OperatorApi;
  /** @returns the request id. */
  deliver(body: Buffer): Promise<string>;
  /** Undefined when no run is open. */
  progress(issueId: string): Promise<Progress | undefined>;
  /** Waits until it is so; time passes meanwhile. */
  until(what: string, check: () => Promise<boolean>): Promise<void>;
  /** Lets time pass until the work is done. */
  passing<T>(work: () => Promise<T>): Promise<T>;
  /** Texts of the reports of an issue. */
  reports(issueId: string): string[];
  close(): Promise<void>;
}

/** The same for all courses, because they share a worker on the real server. */
const settings = {
  approvalAbove: 2,
  chunkLabels: 2,
  inFlight: 1,
  idempotent: true,
  canVerify: false,
  forgets: false,
};

/** One world for one course. */
export function createStandInSide(sandbox: Sandbox, { seed, poison, unknown }: ComparedCourse): Side {
  const scenario: Scenario = {
    ...planScenario(seed),
    ...settings,
    poison,
    unknown,
    deliveries: [],
    deeds: [],
    faults: [],
    suggestAt: 4096,
  };
  const nothing = (): void => undefined;
  const world = new World(scenario, sandbox, new Trace({ keep: false }), {
    onWrite: nothing,
    onCall: nothing,
    onTask: nothing,
    watchService: (service) => service,
    onTaskFailed: (run, message) => {
      throw new Error(`A task of ${run.workflowId} failed: ${message}`);
    },
  });
  const gateway = world.gateways[0]!;
  const { timeline } = world;
  const passing = async <T>(work: () => Promise<T>): Promise<T> => {
    let isDone = false;
    const finished = (): void => {
      isDone = true;
    };
    const working = gateway.machine.run(work);
    working.then(finished, finished);
    for (let step = 0; !isDone && step < 30_000; step += 1) {
      await timeline.runUntil(timeline.now + 10, nothing);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return working;
  };
  return {
    store: gateway.store,
    api: gateway.api,
    passing,
    deliver: (body) => passing(() => world.deliver(gateway, body)),
    progress: async (issueId) =>
      world.temporal.findOpen(exportWorkflowId(issueId))
        ? passing(() => gateway.client.workflow.getHandle(exportWorkflowId(issueId)).query(progressQuery))
        : undefined,
    until: async (what, check) => {
      for (let step = 0; step < 6000; step += 1) {
        if (await check()) return;
        await timeline.runUntil(timeline.now + 10, nothing);
      }
      throw new Error(`Timed out while waiting for ${what}.`);
    },
    reports: (issueId) =>
      [...world.disk.files].flatMap(([key, bytes]) =>
        key.startsWith(`exports/${issueId}/`) && key.endsWith('/report.json') ? [bytes.toString('utf8')] : [],
      ),
    close: () => world.close(),
  };
}

/** One gateway and one worker for all courses. */
export async function createServerSide(
  env: TestWorkflowEnvironment,
  codePath: string,
  courses: readonly ComparedCourse[],
): Promise<Side> {
  const folder = mkdtempSync(join(tmpdir(), 'requeue-compare-'));
  const store = createFolderStore({ folder });
  const labeling = createImmediateLabeling(courses);
  const { approvalAbove, chunkLabels, inFlight } = settings;
  const activities = createActivities({
    config: aConfig({
      routes: [
        aRoute({
          destination: destinationName,
          approval: { above: approvalAbove, expiresAfterMs: 20 * 60_000, remindEveryMs: 7 * 60_000 },
        }),
      ],
      destinations: [aDestination({ name: destinationName, chunkLabels, inFlight, timeoutMs: 5000 })],
    }),
    store,
    services: new Map([[destinationName, labeling]]),
  });
  const connection = env.nativeConnection;
  const workers = [
    await Worker.create({
      connection,
      taskQueue: mainTaskQueue,
      workflowBundle: { codePath },
      activities: activities.main,
    }),
    await Worker.create({
      connection,
      taskQueue: labelingTaskQueue(destinationName),
      activities: activities.labeling(destinationName),
    }),
  ];
  const runs = workers.map((worker) => worker.run());
  const { client } = env;
  const logger = pino({ level: 'silent' });
  const dispatcher = createDispatcher({
    store,
    client,
    logger,
    ensureAttributes: async () => undefined,
  });
  await dispatcher.start();
  const stamps = createStamps(store);
  const api = createOperatorApi({
    store,
    client,
    dispatcher,
    stamps,
    links: createLinks({
      publicUrl: 'https://requeue.example',
      uiUrl: 'https://temporal.example',
      namespace: 'default',
    }),
    destinations: [aDestination({ name: destinationName })],
    logger,
  });
  return {
    store,
    api,
    passing: (work) => work(),
    deliver: async (body) => {
      const { request } = await storeDelivery(inOnePiece(body), { store, stamp: await stamps() });
      if (!request) throw new Error('The delivery has no export.');
      dispatcher.dispatch(request);
      return request.requestId;
    },
    progress: async (issueId) => {
      const handle = client.workflow.getHandle(exportWorkflowId(issueId));
      const { closeTime } = await handle.describe();
      return closeTime ? undefined : handle.query(progressQuery);
    },
    until: async (what, check) => void (await until(what, check, 60_000)),
    reports: (issueId) =>
      readdirSync(join(folder, 'exports', issueId), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('report.json'))
        .map((name) => readFileSync(join(folder, 'exports', issueId, name), 'utf8')),
    close: async () => {
      await dispatcher.close();
      for (const worker of workers) worker.shutdown();
      await Promise.all(runs);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The simulated labeling service, without the time that its answers take. */
function createImmediateLabeling(courses: readonly ComparedCourse[]) {
  const timeline = { now: 0 } as Timeline; // without faults, the service only reads the time
  const labeling = new LabelingWorld(timeline, createRandom(1), settings, () => undefined);
  for (const { poison, unknown } of courses) {
    for (const id of poison) labeling.poison.add(id);
    for (const id of unknown) labeling.unknown.add(id);
  }
  const machine = { name: 'worker', io: async (_: string, effect: () => unknown) => effect() } as Machine;
  return labeling.serviceOf(machine);
}

async function* inOnePiece(body: Buffer): AsyncGenerator<Buffer> {
  yield body;
}
