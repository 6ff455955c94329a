import { defineSignal } from '@temporalio/workflow';
import type { Client } from '@temporalio/client';
import type { Logger as SdkLogger } from '@temporalio/common';
import { createActivities } from '../../src/activities';
import { createOperatorApi } from '../../src/gateway/api/create-operator-api';
import type { OperatorApi } from '../../src/gateway/api/operator-api';
import { createDispatcher, type Dispatcher } from '../../src/gateway/dispatch/dispatcher';
import { createStamps, type Stamp } from '../../src/gateway/intake/stamps';
import { storeDelivery } from '../../src/gateway/intake/store-delivery';
import { createLinks } from '../../src/gateway/links';
import type { LabelingService } from '../../src/labeling/labeling-service';
import type { PayloadStore } from '../../src/payloads/payload-store';
import type { Logger } from '../../src/telemetry/logger';
import { exportWorkflowId, labelingTaskQueue, mainTaskQueue } from '../../src/temporal/names';
import { aConfig, aDestination, aRoute } from '../support/builders';
import { createRandom, type Random } from '../support/seeded-random';
import { Disk } from './disk';
import { callTimeoutMs, LabelingWorld, type LedgerCall } from './labeling';
import { Machine } from './machine';
import { createMemoryStore } from './memory-store';
import type { Scenario } from './scenario';
import { createSimulatedClient, type Network } from './temporal/client';
import type { Task } from './temporal/history';
import type { WorkflowRun } from './temporal/run';
import { TemporalServer } from './temporal/server';
import { SimulatedWorker } from './temporal/worker';
import type { Sandbox } from './temporal/workflow-host';
import { Timeline } from './timeline';
import type { Trace } from './trace';

export const startMs = Date.parse('2026-11-24T10:00:00.000Z');
export const destinationName = 'labelbox';

/** A gateway process: intake, dispatcher and operator API, on a machine. */
export interface Gateway {
  readonly machine: Machine;
  readonly store: PayloadStore;
  readonly dispatcher: Dispatcher;
  readonly stamps: () => Promise<Stamp>;
  readonly api: OperatorApi;
  readonly client: Client;
  /** Signals the run of an issue, as `temporal workflow signal` does. */
  signal(issueId: string, name: string, argument: unknown): Promise<void>;
  /** Cancels it, as `temporal workflow cancel` does. */
  cancel(issueId: string): Promise<void>;
}

export interface WorldWatch {
  onWrite(key: string, bytes: Buffer): void;
  onCall(call: LedgerCall): void;
  onTask(run: WorkflowRun, task: Task): void;
  onTaskFailed(run: WorkflowRun, message: string): void;
  /** The service that a worker gets in place of this one. */
  watchService(service: LabelingService): LabelingService;
}

/** Two gateways, two workers, a Temporal server, a disk and a labeling service. */
export class World {
  readonly random: Random;
  readonly timeline: Timeline;
  readonly disk: Disk;
  readonly network: Network = { isTemporalReachable: true };
  readonly temporal: TemporalServer;
  readonly labeling: LabelingWorld;
  readonly gateways: Gateway[] = [];
  readonly workers: { readonly machine: Machine; readonly worker: SimulatedWorker }[] = [];
  readonly startedAt = startMs;
  /** Projects that have a route. */
  readonly routedProjects: readonly string[] = ['streets', 'fields'];
  /** How likely the server never gets a worker's result, from 0 to 1. */
  lostCompletions = 0;

  constructor(
    readonly scenario: Scenario,
    private readonly sandbox: Sandbox,
    readonly trace: Trace,
    private readonly watch: WorldWatch,
  ) {
    const random = createRandom(scenario.seed ^ 0x5eed);
    this.random = random;
    this.timeline = new Timeline(startMs, (at, what) => trace.add(at, what));
    this.disk = new Disk(this.timeline, fork(random), (key, bytes) => watch.onWrite(key, bytes));
    this.temporal = new TemporalServer(this.timeline, fork(random), {
      onTask: (run, task) => watch.onTask(run, task),
      onTaskFailed: (run, message) => watch.onTaskFailed(run, message),
      losesCompletion: () => this.lostCompletions > 0 && random.chance(this.lostCompletions),
    });
    this.temporal.suggestAt = scenario.suggestAt;
    this.labeling = new LabelingWorld(this.timeline, fork(random), scenario, (call) => watch.onCall(call));
    for (const id of scenario.poison) this.labeling.poison.add(id);
    for (const id of scenario.unknown) this.labeling.unknown.add(id);
    for (const name of ['worker-1', 'worker-2']) this.addWorker(name);
    for (const name of ['gateway-1', 'gateway-2'])
      this.gateways.push(this.startGateway(new Machine(name, this.timeline, fork(random))));
  }

  /** Starts the process of a gateway whose machine was killed. */
  restartGateway(at: number): void {
    const { machine } = this.gateways[at]!;
    machine.start();
    this.gateways[at] = this.startGateway(machine);
  }

  async restartWorker(at: number): Promise<void> {
    const { machine, worker } = this.workers[at]!;
    await worker.restart();
    machine.start();
  }

  /** @returns the request id, once the gateway has answered 202. */
  async deliver(gateway: Gateway, body: Buffer): Promise<string> {
    const { machine, store, stamps, dispatcher } = gateway;
    return machine.run(async () => {
      const stamp = await stamps();
      const { request } = await storeDelivery(inChunks(body), { store, stamp });
      if (!request) throw new Error('The delivery has no export.');
      dispatcher.dispatch(request);
      return request.requestId;
    });
  }

  async close(): Promise<void> {
    for (const { machine } of [...this.gateways, ...this.workers]) machine.kill();
    for (const { worker } of this.workers) await worker.close();
  }

  private addWorker(name: string): void {
    const machine = new Machine(name, this.timeline, fork(this.random));
    const { approvalAbove, expiresAfterMs, chunkLabels, inFlight } = this.scenario;
    const config = aConfig({
      routes: this.routedProjects.map((project) =>
        aRoute({
          project,
          destination: destinationName,
          approval: { above: approvalAbove, expiresAfterMs, remindEveryMs: 60_000 },
        }),
      ),
      destinations: [
        aDestination({ name: destinationName, chunkLabels, inFlight, timeoutMs: callTimeoutMs }),
      ],
    });
    const create = () =>
      machine.run(() =>
        createActivities({
          config,
          store: createMemoryStore(machine, this.disk),
          services: new Map([[destinationName, this.watch.watchService(this.labeling.serviceOf(machine))]]),
        }),
      );
    const places = new Map([
      [mainTaskQueue, 100],
      [labelingTaskQueue(destinationName), inFlight],
    ]);
    const log = toSdkLogger((level, message) =>
      this.trace.add(this.timeline.now, `${name}: ${level}: ${message}`),
    );
    const worker = new SimulatedWorker(machine, this.temporal, this.sandbox, create, places, log);
    this.temporal.workers.push(worker);
    this.workers.push({ machine, worker });
  }

  private startGateway(machine: Machine): Gateway {
    return machine.run(() => {
      const store = createMemoryStore(machine, this.disk);
      const client = createSimulatedClient(machine, this.temporal, this.network);
      const logger = toLogger((level, message) =>
        this.trace.add(this.timeline.now, `${machine.name}: ${level}: ${message}`),
      );
      const dispatcher = createDispatcher({
        store,
        client,
        logger,
        ensureAttributes: async () => undefined,
        times: { sweepMs: 60_000, pingMs: 20_000 },
      });
      const stamps = createStamps(store, machine.clock.now);
      const links = createLinks({
        publicUrl: 'https://requeue.example',
        uiUrl: 'https://temporal.example',
        namespace: 'default',
      });
      const api = createOperatorApi({
        store,
        client,
        dispatcher,
        stamps,
        links,
        destinations: [aDestination({ name: destinationName })],
        logger,
      });
      this.keepStarting(machine, dispatcher);
      return {
        machine,
        store,
        dispatcher,
        stamps,
        api,
        client,
        signal: (issueId, name, argument) =>
          client.workflow
            .getHandle(exportWorkflowId(issueId))
            .signal(defineSignal<[unknown]>(name), argument),
        cancel: async (issueId) => {
          await client.workflow.getHandle(exportWorkflowId(issueId)).cancel();
        },
      };
    });
  }

  /** As the gateway does: while the inbox cannot be read, it tries again. */
  private keepStarting(machine: Machine, dispatcher: Dispatcher): void {
    dispatcher.start().catch(() => {
      machine.clock.after(5000, () => machine.run(() => this.keepStarting(machine, dispatcher)));
    });
  }
}

function fork(random: Random): Random {
  return createRandom(random.integer(0, 2 ** 31));
}

async function* inChunks(body: Buffer): AsyncGenerator<Buffer> {
  yield body;
}

type Level = 'debug' | 'info' | 'warn' | 'error';

function toLogger(write: (level: Level, message: string) => void): Logger {
  const at = (level: Level) => (first: unknown, message?: string) => write(level, message ?? String(first));
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } as unknown as Logger;
}

function toSdkLogger(write: (level: Level, message: string) => void): SdkLogger {
  const at = (level: Level) => (message: string, meta?: { error?: unknown }) =>
    write(level, meta?.error instanceof Error ? `${message}: ${meta.error.stack ?? ''}` : message);
  return {
    log: (level, message) => write(level === 'ERROR' ? 'error' : 'info', message),
    trace: () => undefined,
    debug: () => undefined,
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
}
