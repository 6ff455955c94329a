import { defined } from './collections/defined';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeTelemetryFilterString, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { type Activities, createActivities } from './activities';
import { type Config, ConfigError, type Destination } from './config/config';
import { loadConfig } from './config/load-config';
import { explainPortInUse } from './config/explain-port-in-use';
import { createLabelingService } from './labeling/create-labeling-service';
import { findDestinationFaults } from './labeling/find-destination-faults';
import { createFolderStore } from './payloads/folder/folder-store';
import { freeAddress } from './telemetry/free-address';
import { createLogger, type Logger } from './telemetry/logger';
import { serveWorkerState } from './telemetry/serve-worker-state';
import { connectWorker, type TemporalTarget } from './temporal/connection';
import { labelingTaskQueue, mainTaskQueue } from './temporal/names';

export interface WorkerDeps {
  readonly config: Config;
  readonly temporal: TemporalTarget;
  readonly logger: Logger;
  /** Path of the workflow bundle; absent: the build's bundle, or the source when there is none. */
  readonly workflowBundle?: string | undefined;
}

export interface RunningWorker {
  /** Resolves when all workers have stopped; rejects when one fails. */
  readonly done: Promise<void>;
  close(): Promise<void>;
}

const commonOptions = {
  identity: `requeue-worker@${hostname()}:${process.pid}`,
  stickyQueueScheduleToStartTimeout: '1s', // after this, another worker continues a killed worker's cached runs; default 10 s
  maxHeartbeatThrottleInterval: '2s', // shorter than the heartbeat time-outs of 10 s
  shutdownGraceTime: '4s', // lets a call in flight finish and write its receipt
  shutdownForceTime: '7s', // `dev` must exit in less than 10 s
} as const;

/**
 * Starts one worker for the main task queue, and one worker for each destination's task queue.
 * @throws {ConfigError} when a destination's configuration has a fault.
 */
export async function startWorker({
  config,
  temporal,
  logger,
  workflowBundle,
}: WorkerDeps): Promise<RunningWorker> {
  const faults = config.destinations.flatMap(findDestinationFaults);
  if (faults.length > 0) throw new ConfigError(faults); // the labels of every export would end as unconfirmed
  const coreMetrics = await installRuntime(logger);
  const { connection, namespace } = await connectWorker(temporal);
  const services = new Map(
    config.destinations.map((destination) => [destination.name, createLabelingService(destination)]),
  );
  const activities = createActivities({
    config,
    store: createFolderStore({ folder: config.storeFolder }),
    services,
  });
  const workers: Worker[] = [];
  const health = await serveWorkerState({
    host: config.gateway.host,
    port: config.metricsPort,
    workers: () =>
      workers.map((worker) => ({ taskQueue: worker.options.taskQueue, state: worker.getState() })),
    coreMetrics,
  }).catch(async (error: unknown) => {
    await connection.close(); // no worker exists yet: a worker that never ran can't be shut down
    throw error;
  });
  try {
    workers.push(
      await Worker.create({
        ...commonOptions,
        connection,
        namespace,
        ...mainOptions(activities, workflowBundle),
      }),
    );
    for (const destination of config.destinations) {
      workers.push(
        await Worker.create({
          ...commonOptions,
          connection,
          namespace,
          ...destinationOptions(destination, activities),
        }),
      );
    }
  } catch (error) {
    health.close();
    await connection.close();
    throw error;
  }
  const runs = workers.map((worker) => worker.run());
  const done = Promise.all(runs).then(
    () => undefined,
    (error: unknown) => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      throw error;
    },
  );
  return {
    done,
    close: async () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.allSettled(runs);
      health.close();
      await Promise.all([...services.values()].map((service) => service.close()));
      await connection.close();
    },
  };
}

function mainOptions(
  { main }: Activities,
  workflowBundle: string | undefined,
): Pick<
  WorkerOptions,
  'taskQueue' | 'activities' | 'maxCachedWorkflows' | 'maxConcurrentActivityTaskExecutions'
> &
  WorkflowCode {
  return {
    taskQueue: mainTaskQueue,
    ...workflowCode(workflowBundle),
    activities: { ...main },
    maxCachedWorkflows: 500, // each needs a few hundred KB
    // Most activities only wait. Plans, reports and notices have their own limits, so they delay no decision.
    maxConcurrentActivityTaskExecutions: 100,
  };
}

function destinationOptions(
  destination: Destination,
  activities: Activities,
): Pick<WorkerOptions, 'taskQueue' | 'activities' | 'maxConcurrentActivityTaskExecutions'> {
  return {
    taskQueue: labelingTaskQueue(destination.name),
    activities: { ...activities.labeling(destination.name) },
    maxConcurrentActivityTaskExecutions: destination.inFlight, // maximum calls in flight from this worker
    ...defined({ maxTaskQueueActivitiesPerSecond: destination.rate }), // the server enforces it across all workers
  };
}

type WorkflowCode =
  | Pick<WorkerOptions, 'workflowBundle'>
  | Pick<WorkerOptions, 'workflowsPath' | 'dataConverter'>;

/** Uses the build's bundle. Without one (run from source), the worker bundles the workflows at start. */
function workflowCode(codePath = join(__dirname, 'workflow-bundle.js')): WorkflowCode {
  const dataConverter = { payloadConverterPath: require.resolve('./workflows/payload-converter') };
  return existsSync(codePath)
    ? { workflowBundle: { codePath }, dataConverter }
    : { workflowsPath: require.resolve('./workflows'), dataConverter };
}

/**
 * The SDK's warning about a destination's worker, which has only activities. It is logged as `debug`, because
 * it would be the first line that a new user sees.
 */
const noWorkflowsWarning = 'No workflows registered, not polling for workflow tasks';

let installed: Promise<string> | undefined;

/**
 * Installs the SDK's runtime, once per process and before any worker.
 * @returns the address of the core's metrics. This function chooses the port, because the core doesn't report
 *   a port that it chooses itself.
 */
function installRuntime(logger: Logger): Promise<string> {
  installed ??= freeAddress().then((bindAddress) => {
    install(logger, bindAddress);
    return bindAddress;
  });
  return installed;
}

/** Forwards the core's log to Requeue's log, and leaves signal handling to Requeue. */
function install(logger: Logger, bindAddress: string): void {
  const write = (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') => (message: string, meta?: object) =>
    logger[level](logFields(meta), message);
  const warn = (message: string, meta?: object) =>
    write(message === noWorkflowsWarning ? 'debug' : 'warn')(message, meta);
  const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
  Runtime.install({
    logger: {
      log: (level, message, meta) =>
        level === 'WARN' ? warn(message, meta) : logger[levels[level]](logFields(meta), message),
      trace: write('trace'),
      debug: write('debug'),
      info: write('debug'),
      warn,
      error: write('error'),
    },
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }), forward: {} },
      metrics: {
        prometheus: {
          bindAddress,
          countersTotalSuffix: true,
          unitSuffix: true,
          useSecondsForDurations: true,
        },
      }, // Prometheus' own conventions
    },
    shutdownSignals: [],
  });
}

/**
 * Renames the SDK's `error` to `err`, because pino prints message and stack only for this key, and `{}` for
 * any other.
 */
function logFields({ error, ...fields }: { error?: unknown } & object = {}): object {
  return error === undefined ? fields : { ...fields, err: error };
}

/** Runs until SIGINT or SIGTERM. */
export async function runWorker(env: NodeJS.ProcessEnv): Promise<void> {
  const logger = createLogger({ name: 'worker', ...defined({ level: env['LOG_LEVEL'] || undefined }) });
  const worker = await startWorker({ config: loadConfig(env, 'worker'), temporal: { env }, logger }).catch(
    (error: unknown) => {
      throw explainPortInUse(error, 'METRICS_PORT');
    },
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void worker.close());
  logger.info('The worker polls its task queues.');
  await worker.done;
}

if (require.main === module) {
  runWorker(process.env).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
