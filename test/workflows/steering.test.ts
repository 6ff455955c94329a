import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { NotifyInput } from '../../src/activities/contracts';
import { aGate } from '../support/gate';
import { aRequest } from '../support/requests';
import { refusedKey, retryable } from '../support/harness/scripted-activities';
import { startTemporal } from '../support/harness/temporal';
import { until } from '../support/until';
import { withHarness } from '../support/harness/workflow-harness';

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await startTemporal();
});

afterAll(async () => {
  await env?.teardown();
});

const texts = ({ log }: { log: readonly { text: string }[] }) => log.map(({ text }) => text);
const team = {
  name: 'team',
  events: ['export.awaiting-approval', 'export.reminder', 'export.paused', 'export.completed'],
} as const;

it('The log shows for pause, resume and cancel whether a token proved the name or a signal claimed it', () =>
  withHarness(env, async ({ activities, requestApproval, progress }) => {
    for (const record of ['0a', '0b', '0c', '0d']) activities.records.add(record);
    const handle = await requestApproval();
    await handle.signal('pause', { by: 'ann', reason: 'wait' });
    await handle.signal('resume', { by: 'ann', record: '0a' });
    await handle.signal('pause', { by: 'ann', reason: 'wait', record: '0b' });
    await until(
      'the proven pause',
      async () => (await progress()).pausedBecause === 'An operator paused it by ann (token) ("wait").',
    );
    await handle.signal('pause', { by: 'bob' }); // it is paused already
    await handle.signal('resume', { by: 'mallory', record: 'ff' });
    await until('the unproven resume', () => activities.checkedRecords.includes('ff'));
    await handle.signal('resume', { by: 'ann', record: '0d' });
    await until('its record to be used up', async () =>
      texts(await progress()).some((text) => text.startsWith('Resume by ann (token)')),
    );
    await handle.signal('cancelling', { by: 'ann', reason: 'wrong issue', record: '0c' });
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
    expect(texts(await progress())).toEqual([
      'Paused by signal by "ann" (claimed) ("wait").',
      'Resumed by ann (token).',
      'Paused by ann (token) ("wait").',
      'Pause by "bob" (claimed) changed nothing: the export is already paused.',
      'Resumed by signal by "mallory" (claimed).',
      'Resume by ann (token) changed nothing: the export is not paused.',
      'Cancel requested by ann (token) ("wrong issue").',
      expect.stringContaining('cancelled'),
    ]);
    expect(activities.reports).toMatchObject([
      {
        outcome: 'cancelled',
        reason: 'It was cancelled by ann (token) ("wrong issue") while it waited for approval.',
      },
    ]);
  }));

it.each([
  ['page', 'on the page'],
  ['command', 'with a requeue command'],
  ['api', 'through the API'],
] as const)(
  'The log says that an operator paused, resumed, decided and cancelled with the %s',
  (through, how) =>
    withHarness(env, async ({ activities, requestApproval, progress, workflowId }) => {
      for (const record of ['0a', '0b', '0c', '0d']) activities.records.add(record);
      activities.through = through;
      const requested = aRequest();
      const handle = await requestApproval(requested);
      await handle.signal('pause', { by: 'ann', reason: 'wait', record: '0a' });
      await until('the pause', async () =>
        (await progress()).pausedBecause?.startsWith(`An operator paused it by ann (token) ${how}`),
      );
      await handle.signal('resume', { by: 'ann', record: '0b' });
      await until('the resume', () => activities.checkedRecords.includes('0b'));
      const decision = {
        decision: 'approve',
        revision: requested.revision,
        by: 'ann',
        upTo: 100,
        record: '0c',
      };
      await env.client.workflow.getHandle(workflowId).executeUpdate('decide', { args: [decision] });
      await until('the second question', async () => (await progress()).approval.question === 2);
      await handle.signal('cancelling', { by: 'ann', record: '0d' });
      await handle.cancel();
      await handle.result().catch(() => undefined);
      expect(texts(await progress())).toEqual([
        `Paused by ann (token) ${how} ("wait").`,
        `Resumed by ann (token) ${how}.`,
        `Approval up to 100 by ann (token) ${how} approved labels 1 to 100 of 1,001.`,
        `Cancel requested by ann (token) ${how}.`,
        `Cancelled: It was cancelled by ann (token) ${how} while it waited for approval.`,
      ]);
    }),
);

it('A cancel that the gateway did not announce is logged as requested through Temporal', () =>
  withHarness(env, async ({ requestApproval, progress }) => {
    const handle = await requestApproval();
    await handle.cancel();
    await handle.result().catch(() => undefined);
    expect(texts(await progress())[0]).toBe('Cancellation was requested through Temporal.');
  }));

it('The report of a cancelled export has the whole reason, and its argument stays under 10 KB', () =>
  withHarness(env, async ({ activities, request, requestApproval }) => {
    const reason = '\u898b'.repeat(2000);
    const handle = await requestApproval();
    for (let sent = 0; sent < 70; sent += 1) await request(aRequest());
    await handle.signal('cancelling', { by: 'eve', reason });
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
    const [report] = activities.reports;
    expect(report).toMatchObject({
      reason: `It was cancelled by "eve" (claimed) ("${reason}") while it waited for approval.`,
    });
    expect(
      Math.max(...activities.reports.map((written) => Buffer.byteLength(JSON.stringify(written)))),
    ).toBeLessThan(10_000);
  }));

it('A decision is written down with its whole reason before it takes effect', () =>
  withHarness(env, async ({ activities, requestApproval, progress }) => {
    const reason = '長い理由 '.repeat(300);
    const handle = await requestApproval();
    await handle.signal('approve', { by: 'ann', upTo: 1 });
    await until('the second question', async () => (await progress()).approval.question === 2);
    expect(activities.decisions).toMatchObject([{ question: 1, entry: { upTo: 1, who: '"ann" (claimed)' } }]);
    await handle.signal('reject', { by: 'eve', reason });
    await handle.result();
    expect(activities.decisions[1]).toMatchObject({
      question: 2,
      entry: { kind: 'reject', upTo: 1001, who: '"eve" (claimed)', reason },
    });
    expect(Buffer.byteLength(JSON.stringify(activities.decisions[1]))).toBeLessThan(10_000);
    expect(texts(await progress()).at(-1)).toMatch(/…"\)\.$/);
  }));

it.each([
  ['control characters', '\u0001'],
  ['another script', '\u898b'],
  ['halves of surrogate pairs', '\ud800'],
  ['quotes', '"'],
])('Arguments of activities stay under 10 KB with a reason of 2,000 %s', (_what, character) =>
  withHarness(env, async ({ activities, requestApproval, progress, workflowId }) => {
    for (const record of ['0a', '0b']) activities.records.add(record);
    const issueId = '"'.repeat(2048);
    const requested = aRequest({ issueId });
    const handle = await requestApproval(requested);
    const words = { by: character.repeat(2000), reason: character.repeat(2000) };
    await handle.signal('pause', { ...words, record: '0a' });
    await until('the proof', async () => (await progress()).pausedBecause?.includes('(token)') === true);
    const decision = {
      decision: 'reject',
      revision: requested.revision,
      by: character.repeat(200),
      reason: words.reason,
      record: '0b',
    };
    await env.client.workflow.getHandle(workflowId).executeUpdate('decide', { args: [decision] });
    await handle.result();
    const { events } = await handle.fetchHistory();
    const sizes = (events ?? []).map(
      ({ activityTaskScheduledEventAttributes: scheduled }) =>
        scheduled?.input?.payloads?.[0]?.data?.length ?? 0,
    );
    expect(Math.max(...sizes)).toBeLessThan(10_000);
    expect(activities.decisions).toHaveLength(1);
  }),
);

it('During a pause, notices and progress show the question without a deadline, and the stage is paused', () =>
  withHarness(env, async ({ activities, requestApproval, untilStage, progress }) => {
    activities.plan = { notices: [team] };
    const handle = await requestApproval();
    await handle.signal('pause');
    await untilStage('paused');
    await until('the notice', () => activities.notices.length === 2);
    expect(activities.notices[0]?.question).toHaveProperty('expiresAt');
    expect(activities.notices[1]).toMatchObject({
      event: 'export.paused',
      stage: 'paused',
      question: { from: 1, to: 1001 },
    });
    expect(activities.notices[1]?.question).not.toHaveProperty('expiresAt');
    const { __temporal_workflow_metadata: _none, ...approval } = {
      __temporal_workflow_metadata: undefined,
      ...(await progress()).approval,
    };
    expect(approval).toMatchObject({
      needed: true,
      upTo: 0,
      question: 1,
      remainingMs: expect.any(Number) as number,
    });
    await handle.terminate();
  }));

it('The first call after a question and after a pause checks earlier receipts, and no other call does', () =>
  withHarness(env, async ({ activities, request, untilStage, progress }) => {
    activities.labels = 1500;
    let refused = false;
    activities.onChunk = () => (refused ? refusedKey : undefined);
    const handle = await request(aRequest());
    await untilStage('awaiting-approval');
    await handle.signal('approve', { upTo: 400 });
    await until('the second question', async () => (await progress()).approval.question === 2);
    refused = true;
    const requested = (await progress()).revision;
    await handle.signal('approve', { revision: requested });
    await untilStage('paused');
    refused = false;
    await handle.signal('resume');
    await handle.result();
    expect(activities.chunks.filter(({ lookBack }) => lookBack).map(({ from }) => from)).toEqual([400, 400]);
    expect(activities.chunks).toHaveLength(16);
  }));

it('Labels with receipts from before a lost database are neither asked about nor sent again', () =>
  withHarness(env, async ({ activities, request, untilStage, progress }) => {
    activities.labels = 1500;
    const counts = { relabeled: 299, alreadyGone: 0, refused: 1, unconfirmed: 0 };
    activities.plan = { touchedUpTo: 400, finished: { upTo: 300, chunks: 3, counts } };
    const requested = aRequest();
    const handle = await request(requested);
    expect(await untilStage('awaiting-approval')).toMatchObject({
      labels: { relabeled: 299, refused: 1 },
      approval: { upTo: 300 },
    });
    await handle.signal('approve', { revision: requested.revision });
    await handle.result();
    expect(
      activities.chunks
        .map(({ from, lookBack, mayOverlap }) => [from, lookBack, mayOverlap])
        .toSorted(([a], [b]) => Number(a) - Number(b)),
    ).toEqual(
      expect.arrayContaining([
        [300, true, true],
        [400, undefined, false],
      ]),
    );
    expect(activities.chunks).toHaveLength(12);
    expect((await progress()).labels).toMatchObject({
      planned: 1500,
      relabeled: 1499,
      refused: 1,
      withheld: 0,
    });
  }));

it('An export whose labels all have earlier receipts ends without a question', () =>
  withHarness(env, async ({ activities, request, progress }) => {
    activities.labels = 1500;
    const counts = { relabeled: 1500, alreadyGone: 0, refused: 0, unconfirmed: 0 };
    activities.plan = { touchedUpTo: 1500, finished: { upTo: 1500, chunks: 15, counts } };
    expect(await (await request(aRequest())).result()).toMatchObject({ stage: 'completed' });
    expect(activities.chunks).toEqual([]);
    expect((await progress()).labels).toMatchObject({ relabeled: 1500, withheld: 0 });
  }));

it('A flood of signals with records makes at most 20 proof checks at once', () =>
  withHarness(env, async ({ activities, requestApproval, progress }) => {
    const gate = aGate();
    activities.onCheck = () => gate.opened;
    const handle = await requestApproval();
    for (let sent = 0; sent < 30; sent += 1)
      await handle.signal('cancelling', { by: 'mallory', record: 'abab' });
    await until('all of them', async () => (await progress()).log.length === 30);
    expect(activities.checkedRecords.length).toBeLessThanOrEqual(20);
    gate.open();
    await handle.signal('reject');
    await handle.result();
  }));

describe('While a notice of an ended export is retried', () => {
  const refusing = () => {
    let taken = false;
    return {
      take: () => (taken = true),
      answer: (): void => {
        if (!taken) throw retryable('It answered 500.');
      },
    };
  };

  it('No question is open, and a pause changes nothing, now or for the next request', () =>
    withHarness(env, async ({ activities, request, untilStage, progress, workflowId }) => {
      const receiver = refusing();
      activities.onNotify = receiver.answer;
      activities.plan = { notices: [team] };
      const handle = await request(aRequest());
      await untilStage('completed');
      await handle.signal('pause', { by: 'ann' });
      await until('the log entry', async () =>
        texts(await progress()).includes(
          'Pause by "ann" (claimed) changed nothing: nothing is being exported.',
        ),
      );
      expect(await progress()).toMatchObject({ stage: 'completed', outcome: 'completed' });
      expect(await progress()).not.toHaveProperty('pausedBecause');
      await request(aRequest({ body: 'next' }));
      await until('the next report', () => activities.endings.length === 2);
      expect((await env.client.workflow.getHandle(workflowId).describe()).status.name).toBe('RUNNING');
      receiver.take();
      await handle.result();
    }));

  it('The request behind a cancelled export is exported, and its run resumes the notice', () =>
    withHarness(env, async ({ activities, request, requestApproval, progress, workflowId }) => {
      const receiver = refusing();
      activities.onNotify = receiver.answer;
      activities.plan = { notices: [team] };
      const handle = await requestApproval();
      activities.onPrepare = (input) => activities.makePlan(input, { labels: 3 });
      const next = aRequest({ body: 'next', project: 'another' });
      await request(next);
      await until('the queued request', async () => (await progress()).queued === 1);
      await handle.cancel();
      await until('the next report', () => activities.endings.length === 2);
      expect(activities.endings[1]).toBe(`${next.revision} completed`);
      expect(await progress()).toMatchObject({ stage: 'completed', approval: { upTo: 3 } });
      expect((await progress()).approval).not.toHaveProperty('question');
      const before = activities.notices.length;
      receiver.take();
      await until(
        'the end of the new run',
        async () => (await env.client.workflow.getHandle(workflowId).describe()).status.name === 'COMPLETED',
      );
      const delivered: NotifyInput | undefined = activities.notices[before];
      expect(delivered).toMatchObject({ event: 'export.awaiting-approval', id: activities.notices[0]?.id });
    }));
});
