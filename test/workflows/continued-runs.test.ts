import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { PrepareExportInput, Prepared } from '../../src/activities/contracts';
import { noOutcomes } from '../../src/domain/label-outcome';
import { searchAttributeTypes } from '../../src/domain/search-attributes';
import type { Carried, CurrentExport } from '../../src/workflows/state/carried';
import { aGate } from '../support/gate';
import { aRequest } from '../support/requests';
import { aFailure } from '../support/harness/scripted-activities';
import { until } from '../support/until';
import { type Harness, withHarness } from '../support/harness/workflow-harness';

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: process.env['TEMPORAL_CLI'] ?? '' },
      searchAttributes: Object.entries(searchAttributeTypes).map(([name, type]) =>
        type === 'Int'
          ? defineSearchAttributeKey(name, SearchAttributeType.INT)
          : defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
      ),
      log: { format: 'pretty', level: 'error' },
      extraArgs: ['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=30'],
    },
  });
});

afterAll(async () => {
  await env.teardown();
});

const readRunId = async ({ workflowId }: Harness) =>
  (await env.client.workflow.getHandle(workflowId).describe()).runId;

/** Sends signals that decide nothing until the run has continued as new. */
async function makeItContinue(harness: Harness): Promise<void> {
  const before = await readRunId(harness);
  const latest = env.client.workflow.getHandle(harness.workflowId);
  await until('a continued run', async () => {
    await latest.signal('approve', false);
    await harness.progress();
    return (await readRunId(harness)) !== before;
  });
}

it('A continued run keeps a pause, the cursor and the counts', () =>
  withHarness(env, async (harness) => {
    const { activities, request, untilStage, workflowId } = harness;
    activities.labels = 350;
    activities.plan = { inFlight: 1 };
    const gate = aGate();
    activities.onChunk = async ({ from }) => (from === 100 ? gate.opened.then(() => undefined) : undefined);
    const handle = await request(aRequest());
    await until('the second call', () => activities.chunks.length === 2);
    await handle.signal('pause', { by: 'ann' });
    gate.open();
    const before = await untilStage('paused');
    await makeItContinue(harness);
    await makeItContinue(harness);
    const seen = await untilStage('paused');
    expect(seen.labels).toEqual(before.labels);
    expect(seen.pausedBecause).toEqual(before.pausedBecause);
    await env.client.workflow.getHandle(workflowId).signal('resume');
    await handle.result();
    expect(activities.chunks.map(({ from, to }) => `${from}-${to}`)).toEqual([
      '0-100',
      '100-200',
      '200-300',
      '300-350',
    ]);
    expect((await harness.progress()).labels.relabeled).toBe(350);
  }));

it('A continued run keeps the question, the approved labels and the pending decisions', () =>
  withHarness(env, async (harness) => {
    const { activities, request, untilStage, progress, workflowId } = harness;
    activities.labels = 1500;
    const requested = aRequest();
    const handle = await request(requested);
    await untilStage('awaiting-approval');
    await handle.signal('approve', { upTo: 500 });
    await until('the second question', async () => {
      const now = await progress();
      return now.stage === 'awaiting-approval' && now.approval.upTo === 500;
    });
    const before = await progress();
    const latest = env.client.workflow.getHandle(workflowId);
    await makeItContinue(harness);
    await makeItContinue(harness);
    const seen = await untilStage('awaiting-approval');
    expect(seen.approval).toEqual(before.approval);
    await latest.signal('approve');
    await progress();
    expect(activities.chunks).toHaveLength(5);
    const early = aRequest({ body: 'early' });
    await latest.signal('reject', { revision: early.revision });
    await makeItContinue(harness);
    await request(early);
    await latest.signal('approve', { revision: requested.revision });
    await latest.result();
    expect(activities.endings).toEqual([`${requested.revision} completed`, `${early.revision} rejected`]);
    expect(activities.chunks).toHaveLength(15);
  }));

it('A cancel of a continued run ends the export that it carries', () =>
  withHarness(env, async (harness) => {
    const { activities, request, untilStage, workflowId } = harness;
    activities.labels = 1500;
    await request(aRequest());
    await untilStage('awaiting-approval');
    await env.client.workflow.getHandle(workflowId).signal('pause');
    await makeItContinue(harness);
    await env.client.workflow.getHandle(workflowId).cancel();
    await env.client.workflow
      .getHandle(workflowId)
      .result()
      .catch(() => undefined);
    expect(activities.endings).toEqual([expect.stringMatching(/ cancelled$/)]);
  }));

it('A continued run knows a repetition that was reported', () =>
  withHarness(env, async (harness) => {
    const { activities, request, untilStage, progress } = harness;
    const first = aRequest({ body: 'first' });
    const second = aRequest({ body: 'second' });
    activities.onPrepare = ({ request: { revision } }) => {
      if (revision === second.revision) activities.labels = 1500;
      return undefined;
    };
    activities.onChunk = async () => void (await request(second)) as undefined;
    await request(first);
    await untilStage('awaiting-approval');
    await makeItContinue(harness);
    await request(first);
    await request(second);
    expect((await progress()).queued).toBe(0);
    await env.client.workflow.getHandle(harness.workflowId).terminate();
  }));

it.each([
  ['without a plan', (input: PrepareExportInput): Prepared => aFailure(input)],
  ['that the newest one supersedes', () => undefined],
])(
  'A long queue of requests %s makes the run continue as new before its history grows too long',
  (_what, answer) =>
    withHarness(env, async (harness) => {
      const { activities, request, progress, workflowId } = harness;
      const gate = aGate();
      activities.onPrepare = async (input) => {
        await gate.opened;
        return answer(input);
      };
      const handle = await request(aRequest({ body: 'body 0' }));
      for (let sent = 1; sent < 20; sent += 1) await request(aRequest({ body: `body ${sent}` }));
      await progress();
      const first = env.client.workflow.getHandle(workflowId, handle.signaledRunId);
      const { historyLength: before } = await first.describe();
      gate.open();
      await env.client.workflow.getHandle(workflowId).result();
      expect(activities.endings).toHaveLength(20);
      const { historyLength: after } = await first.describe();
      expect(after - before).toBeLessThan(100);
    }),
);

it('A decision that arrives before the first task of a continued run answers its question', () =>
  withHarness(env, async ({ activities, workflowId }) => {
    const request = aRequest();
    const { issueId, revision } = request;
    const plan = activities.makePlan({ request }, { labels: 150, approvalAbove: 100 });
    const current: CurrentExport = {
      request,
      also: [],
      plan,
      cursor: { next: 0, returned: [], chunkLabels: 100, done: 0 },
      counts: noOutcomes,
      approvedUpTo: 0,
      asking: { openedAt: Date.now(), expiresAt: Date.now() + 3_600_000, remindAt: Date.now() + 3_600_000 },
    };
    const carried: Carried = {
      queue: [],
      current,
      pendingDecisions: [],
      log: [],
      questionsAsked: 1,
      recent: [],
      noticesSent: 0,
      notices: [],
    };
    const handle = await env.client.workflow.signalWithStart('ExportIssue', {
      workflowId,
      taskQueue: activities.taskQueue,
      args: [{ issueId, carried }],
      signal: 'approve',
      signalArgs: [{ revision, by: 'ann' }],
    });
    await until('the end', () => activities.endings.length === 1);
    await handle.result();
    expect(activities.endings).toEqual([`${revision} completed`]);
  }));
