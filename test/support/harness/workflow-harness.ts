import { randomUUID } from 'node:crypto';
import type { WorkflowHandleWithSignaledRunId } from '@temporalio/client';
import { Context } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type {
  CheckDecisionInput,
  KeepDecisionInput,
  NoteNoticeInput,
  NotifyInput,
  PrepareExportInput,
  RelabelChunkInput,
  WriteReportInput,
} from '../../../src/activities/contracts';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { ExportRequest } from '../../../src/domain/request';
import type { ExportIssue } from '../../../src/workflows/export-issue';
import { exportRequestedSignal, type Progress, progressQuery } from '../../../src/workflows/messages';
import { aRequest } from '../requests';
import { ScriptedActivities } from './scripted-activities';
import { workflowBundle } from './temporal';
import { until } from '../until';

type ExportHandle = WorkflowHandleWithSignaledRunId<typeof ExportIssue>;

/** One workflow id with scripted activities. */
export interface Harness {
  readonly activities: ScriptedActivities;
  readonly workflowId: string;
  /** Dispatches a request, as the gateway does. */
  request(request: ExportRequest): Promise<ExportHandle>;
  /** Dispatches a request of 1,001 labels, which needs approval, and waits for its question. */
  requestApproval(request?: ExportRequest): Promise<ExportHandle>;
  progress(): Promise<Progress>;
  untilStage(stage: string): Promise<Progress>;
}

/**
 * Calls `run` with a harness on the environment's worker, or on its own worker for another bundle. Harnesses
 * share a worker, because creating one takes most of a second; their workflow ids keep them apart.
 */
export async function withHarness(
  env: TestWorkflowEnvironment,
  run: (harness: Harness) => Promise<void>,
  bundle?: WorkflowBundleOption,
): Promise<void> {
  if (!bundle) return run(createHarness(env, await sharedWorker(env)));
  const own = await startWorker(env, bundle);
  try {
    await run(createHarness(env, own));
  } finally {
    await own.stop();
  }
}

interface SharedWorker {
  readonly taskQueue: string;
  /** By workflow id. */
  readonly activities: Map<string, ScriptedActivities>;
  stop(): Promise<void>;
}

const shared = new WeakMap<TestWorkflowEnvironment, Promise<SharedWorker>>();

function sharedWorker(env: TestWorkflowEnvironment): Promise<SharedWorker> {
  const known = shared.get(env);
  if (known) return known;
  const started = startWorker(env, workflowBundle());
  shared.set(env, started);
  const teardown = env.teardown.bind(env);
  env.teardown = async () => {
    await (await started).stop(); // a connection cannot be closed while a worker uses it
    await teardown();
  };
  return started;
}

/**
 * Calls `before` with harnesses on a task queue without a worker, and `after` once its worker runs. What `after`
 * passes to `withoutWorker` happens while no worker runs again.
 */
export async function withLateWorker(
  env: TestWorkflowEnvironment,
  before: (newHarness: () => Harness) => Promise<void>,
  after: (withoutWorker: (act: () => Promise<void>) => Promise<void>) => Promise<void>,
): Promise<void> {
  const taskQueue = `test-${randomUUID()}`;
  const activities = new Map<string, ScriptedActivities>();
  await before(() => createHarness(env, { taskQueue, activities }));
  let worker = await startWorker(env, workflowBundle(), { taskQueue, activities });
  try {
    await after(async (act) => {
      await worker.stop();
      await act();
      worker = await startWorker(env, workflowBundle(), { taskQueue, activities });
    });
  } finally {
    await worker.stop();
  }
}

async function startWorker(
  env: TestWorkflowEnvironment,
  workflowBundleOption: WorkflowBundleOption,
  { taskQueue, activities }: Omit<SharedWorker, 'stop'> = {
    taskQueue: `test-${randomUUID()}`,
    activities: new Map(),
  },
): Promise<SharedWorker> {
  const mine = (): ScriptedActivities => {
    const workflowId = Context.current().info.workflowExecution?.workflowId ?? '';
    const found = activities.get(workflowId);
    if (!found) throw new Error(`No test knows the workflow ${workflowId}.`);
    return found;
  };
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowBundle: workflowBundleOption,
    activities: {
      prepareExport: (input: PrepareExportInput) => mine().prepareExport(input),
      relabelChunk: (input: RelabelChunkInput) => mine().relabelChunk(input),
      writeReport: (input: WriteReportInput) => mine().writeReport(input),
      notify: (input: NotifyInput) => mine().notify(input),
      noteNotice: (input: NoteNoticeInput) => mine().noteNotice(input),
      checkDecision: (input: CheckDecisionInput) => mine().checkDecision(input),
      keepDecision: (input: KeepDecisionInput) => mine().keepDecision(input),
      awaitDestination: () => mine().awaitDestination(),
    },
    stickyQueueScheduleToStartTimeout: '1s',
    shutdownForceTime: '2s', // an activity that a test left behind must not delay the next tests
  });
  const ran = worker.run();
  ran.catch(() => undefined); // `stop` waits for it
  return {
    taskQueue,
    activities,
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ran.catch(() => undefined);
    },
  };
}

function createHarness(
  env: TestWorkflowEnvironment,
  { taskQueue, activities: all }: Omit<SharedWorker, 'stop'>,
): Harness {
  const workflowId = `export-issue-${randomUUID()}`;
  const activities = new ScriptedActivities(taskQueue);
  all.set(workflowId, activities);
  const handle = env.client.workflow.getHandle<typeof ExportIssue>(workflowId);
  const progress = () => handle.query(progressQuery);
  const untilStage = (stage: string) =>
    until(`stage ${stage}`, async () => {
      const now = await progress();
      return now.stage === stage && now;
    });
  const request = (requested: ExportRequest) =>
    env.client.workflow.signalWithStart('ExportIssue', {
      workflowId,
      taskQueue,
      args: [{ issueId: requested.issueId }],
      signal: exportRequestedSignal,
      signalArgs: [requested],
    }) as Promise<ExportHandle>;
  const requestApproval = async (requested = aRequest()) => {
    activities.labels = 1001;
    const run = await request(requested);
    await untilStage('awaiting-approval');
    return run;
  };
  return { activities, workflowId, request, requestApproval, progress, untilStage };
}
