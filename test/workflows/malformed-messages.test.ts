import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { ExportRequest } from '../../src/domain/request';
import { aRequest } from '../support/requests';
import { ScriptedActivities } from '../support/harness/scripted-activities';
import { startTemporal, workflowBundle } from '../support/harness/temporal';
import { until } from '../support/until';
import { withHarness } from '../support/harness/workflow-harness';

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await startTemporal();
});

afterAll(async () => {
  await env.teardown();
});

/** Signals a run with a raw payload. */
async function signalRaw(
  workflowId: string,
  signalName: string,
  encoding: string,
  data: string,
): Promise<void> {
  await env.client.workflowService.signalWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId },
    signalName,
    input: { payloads: [{ metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(data) }] },
  });
}

/** Errors of the workflow tasks after the last signal or activity result. Ends the run. */
async function failedTasks(handle: WorkflowHandle): Promise<string[]> {
  const tasks = await until('a workflow task after the last signal or result', async () => {
    const events = (await handle.fetchHistory()).events ?? [];
    const lastInput = events.findLastIndex(
      (event) => event.workflowExecutionSignaledEventAttributes ?? event.activityTaskCompletedEventAttributes,
    );
    const after = events.slice(lastInput + 1);
    const ended = after.filter(
      (event) => event.workflowTaskCompletedEventAttributes ?? event.workflowTaskFailedEventAttributes,
    );
    const isOfActivity = events.some((event) => event.activityTaskCompletedEventAttributes);
    return isOfActivity && ended.length > 0 && ended;
  });
  await handle.terminate().catch(() => undefined); // it may have ended in order
  return tasks.flatMap(({ workflowTaskFailedEventAttributes: failed }) =>
    failed ? [failed.failure?.message ?? ''] : [],
  );
}

it('A run survives undecodable content of every signal', () =>
  withHarness(env, async ({ requestApproval, untilStage, workflowId }) => {
    const requested = aRequest();
    const handle = await requestApproval(requested);
    for (const signal of ['exportRequested', 'approve', 'pause', 'resume', 'unheardOf']) {
      await signalRaw(workflowId, signal, 'binary/encrypted', 'x');
      await signalRaw(workflowId, signal, 'json/plain', '{"broken');
    }
    await handle.signal('resume');
    expect(await untilStage('awaiting-approval')).toBeDefined();
    await handle.signal('approve', { revision: requested.revision });
    expect(await handle.result()).toMatchObject({ stage: 'completed' });
  }));

it('An approve with bytes decides nothing', () =>
  withHarness(env, async ({ activities, requestApproval, progress, workflowId }) => {
    const handle = await requestApproval();
    await signalRaw(workflowId, 'approve', 'binary/plain', 'no');
    await until('the log', async () => (await progress()).log.length > 0);
    expect(activities.chunks).toEqual([]);
    await handle.terminate();
  }));

it('An approve that is not understood decides nothing, and the log says where a text belongs', () =>
  withHarness(env, async ({ activities, requestApproval, progress, workflowId }) => {
    const { revision } = aRequest();
    const handle = await requestApproval();
    const odd: unknown[][] = [
      [{ upto: 1 }],
      [[{ upTo: 1 }]],
      [{ revision }, { upTo: 1 }],
      [{ approve: false }],
      [{ approved: 0 }],
      [0],
      [{ decision: 'rejected' }],
      ['not yet'],
    ];
    for (const args of odd) await env.client.workflow.getHandle(workflowId).signal('approve', ...args);
    const update = env.client.workflow
      .getHandle(workflowId)
      .executeUpdate('decide', { args: [{ decision: 'approve', revision, by: 'ann' }, { upTo: 1 }] });
    await expect(update).rejects.toThrow('Workflow Update failed');
    const { stage, log } = await progress();
    expect({ stage, entries: log.length, sent: activities.chunks }).toEqual({
      stage: 'awaiting-approval',
      entries: odd.length,
      sent: [],
    });
    for (const { text } of log) expect(text).toContain('put any other text into {"reason":"…"}.');
    await handle.terminate();
  }));

it('A resume that is not understood leaves the export paused', () =>
  withHarness(env, async ({ requestApproval, progress, untilStage }) => {
    const handle = await requestApproval();
    await handle.signal('pause', 'wait for ann');
    await untilStage('paused');
    for (const odd of ['not yet', false, { after: 'lunch' }]) await handle.signal('resume', odd);
    const { stage, log } = await progress();
    expect(stage).toBe('paused');
    expect(log.slice(1).map(({ text }) => text)).toEqual([
      'Signal resume changed nothing: expected resume, resumed, yes, y, ok or an object, got "not yet"; put any other text into {"reason":"…"}.',
      'Signal resume changed nothing: its content means no; put any other text into {"reason":"…"}.',
      'Signal resume changed nothing: expected only the keys by, reason, record, waitingFor, got "after"; put any other text into {"reason":"…"}.',
    ]);
    await handle.signal('resume', '"ok"');
    await untilStage('awaiting-approval');
    await handle.terminate();
  }));

it('An approve with 100,000 levels of nesting does not throw', () =>
  withHarness(env, async ({ requestApproval }) => {
    const handle = await requestApproval();
    await handle.signal('approve', `${'{"approved":'.repeat(100_000)}true${'}'.repeat(100_000)}`);
    expect(await failedTasks(handle)).toEqual([]);
  }));

it.each<[string, object]>([
  [
    'without names',
    {
      requestId: '20261124T000000000Z-0123456789ab',
      sha256: 'ab'.repeat(32),
      receivedAt: '2026-11-24T00:00:00.000Z',
    },
  ],
  ['with an invalid sha256', { ...aRequest(), sha256: 'none', revision: 'none' }],
  ['with an invalid requestId', { ...aRequest(), requestId: 'with spaces' }],
  ['with a name that is not text', { ...aRequest(), issueName: 7 }],
  ['of another issue', { ...aRequest(), issueId: 'issue-2' }],
])('A request %s, signalled by hand, is logged and ignored', (_what, odd) =>
  withHarness(env, async ({ activities, request, workflowId, untilStage, progress }) => {
    activities.labels = 1001;
    const handle = await request(aRequest({ body: 'good' }));
    await untilStage('awaiting-approval');
    await env.client.workflow.getHandle(workflowId).signal('exportRequested', odd as ExportRequest);
    const seen = await until(
      'a log entry or a second plan',
      async () => {
        const { log } = await progress();
        return (log.length > 0 || activities.prepared.length > 1) && log;
      },
      5000,
    ).catch(() => []);
    await handle.terminate();
    expect(seen).toEqual([
      expect.objectContaining({ text: expect.stringContaining('carries no valid request for this issue') }),
    ]);
  }),
);

it('A chunk with an undecodable result is not lost', () =>
  withHarness(env, async ({ activities, request, progress }) => {
    let once = true;
    activities.onChunk = ({ from }) => {
      if (from !== 100 || !once) return undefined;
      once = false;
      return { $undecodable: 'Unknown encoding' } as never;
    };
    const handle = await request(aRequest());
    const seen = await until('an end or a pause', async () => {
      const now = await progress();
      return (now.stage === 'paused' || now.outcome !== undefined) && now;
    });
    expect(seen.stage === 'paused' || seen.labels.relabeled === 250).toBe(true);
    await handle.terminate().catch(() => undefined);
  }));

it('A plan with an undecodable result fails no workflow task', () =>
  withHarness(env, async ({ activities, request }) => {
    activities.onPrepare = () => ({ $undecodable: 'Unknown encoding' }) as never;
    const handle = await request(aRequest());
    expect(await failedTasks(handle)).toEqual([]);
  }));

/** Starts a worker only after `before`. */
async function withLateWorker(
  before: (workflowId: string, taskQueue: string) => Promise<void>,
  after: (activities: ScriptedActivities) => Promise<void>,
) {
  const taskQueue = `test-${randomUUID()}`;
  const activities = new ScriptedActivities(taskQueue);
  await before(`export-issue-${randomUUID()}`, taskQueue);
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowBundle: workflowBundle(),
    activities: {
      prepareExport: activities.prepareExport,
      relabelChunk: activities.relabelChunk,
      writeReport: activities.writeReport,
      keepDecision: activities.keepDecision,
    },
  });
  await worker.runUntil(after(activities));
}

const start = (workflowId: string, taskQueue: string, request: ExportRequest) =>
  env.client.workflow.signalWithStart('ExportIssue', {
    workflowId,
    taskQueue,
    args: [{ issueId: request.issueId }],
    signal: 'exportRequested',
    signalArgs: [request],
  });

it('A cancel that arrives before the worker starts sends nothing of the only request', async () => {
  let id = '';
  await withLateWorker(
    async (workflowId, taskQueue) => {
      id = workflowId;
      await start(workflowId, taskQueue, aRequest());
      await env.client.workflow.getHandle(workflowId).cancel();
    },
    async (activities) => {
      await env.client.workflow
        .getHandle(id)
        .result()
        .catch(() => undefined);
      expect(activities.chunks).toEqual([]);
      expect(activities.endings).toEqual([expect.stringMatching(/ cancelled$/)]);
    },
  );
});

it('A reject without a revision that arrives before the worker starts counts for the only request', async () => {
  let id = '';
  await withLateWorker(
    async (workflowId, taskQueue) => {
      id = workflowId;
      await start(workflowId, taskQueue, aRequest());
      await env.client.workflow.getHandle(workflowId).signal('reject', { by: 'ann' });
    },
    async (activities) => {
      await env.client.workflow.getHandle(id).result();
      expect(activities.endings).toEqual([expect.stringMatching(/ rejected$/)]);
      expect(activities.chunks).toEqual([]);
    },
  );
});
