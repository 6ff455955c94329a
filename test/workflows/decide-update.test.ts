import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { DecideResult } from '../../src/workflows/messages';
import { aRequest } from '../support/requests';
import { startTemporal } from '../support/temporal';
import { until } from '../support/until';
import { withHarness } from '../support/workflow-harness';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTemporal();
});
afterAll(() => env.teardown());

interface Refused {
  readonly type: string;
  readonly sentence: string;
  readonly nonRetryable: boolean;
}

/** What the update answers, or how it is refused. */
async function decide(workflowId: string, ...args: unknown[]): Promise<DecideResult | Refused> {
  try {
    return await env.client.workflow
      .getHandle(workflowId)
      .executeUpdate<DecideResult, [unknown]>('decide', { args: args as [unknown] });
  } catch (error) {
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    const cause = error.cause as Error & { type: string; nonRetryable: boolean };
    return { type: cause.type, sentence: cause.message, nonRetryable: cause.nonRetryable };
  }
}

function waiting(body = 'body') {
  const wanted = aRequest({ body });
  return { wanted, yes: { decision: 'approve', revision: wanted.revision, by: 'ann' } };
}

it('refuses what is not a decision with a sentence, and leaves no trace in the history', () =>
  withHarness(env, async ({ activities, request, untilStage, workflowId }) => {
    activities.labels = 1001;
    const { wanted, yes } = waiting();
    const handle = await request(wanted);
    await untilStage('awaiting-approval');
    const shape = 'Expected an object {"decision":"approve"|"reject","revision":"…","by":"…"}.';
    const upTo = 'Expected upTo to be a whole number from 1 to the plan’s labels, and only with approve.';
    const cases: [unknown[], string, string][] = [
      [[], 'InvalidDecision', shape],
      [['approve'], 'InvalidDecision', shape],
      [[[yes]], 'InvalidDecision', shape],
      [[{ ...yes, decision: 'yes' }], 'InvalidDecision', 'Expected decision to be "approve" or "reject".'],
      [
        [{ ...yes, revision: 'abc' }],
        'InvalidDecision',
        'Expected revision to be the 12 or 64 hex digits, in lower case, that the plan shows.',
      ],
      [
        [{ ...yes, revision: 123456789012 }],
        'InvalidDecision',
        'Expected revision to be the 12 or 64 hex digits, in lower case, that the plan shows.',
      ],
      [[{ ...yes, by: ' ' }], 'InvalidDecision', 'Expected by to be a name of 1 to 200 characters.'],
      [
        [{ ...yes, reason: 'x'.repeat(2001) }],
        'InvalidDecision',
        'Expected reason to be a text of at most 2000 characters.',
      ],
      [[{ ...yes, upTo: 0 }], 'WrongUpTo', upTo],
      [[{ ...yes, upTo: '5' }], 'WrongUpTo', upTo],
      [[{ ...yes, upTo: 1.5 }], 'WrongUpTo', upTo],
      [[{ ...yes, decision: 'reject', upTo: 5 }], 'WrongUpTo', upTo],
      [
        [{ ...yes, upTo: 1002 }],
        'WrongUpTo',
        'Expected upTo to be a whole number from 1 to the plan’s 1001 labels, got 1002.',
      ],
      [
        [{ ...yes, revision: 'ab'.repeat(6) }],
        'WrongRevision',
        `The export is at revision ${wanted.revision}, and the decision names revision abababababab.`,
      ],
      [
        [{ ...yes, record: '../x' }],
        'InvalidDecision',
        'Expected record to be the name of a record, or absent.',
      ],
    ];
    for (const [args, type, sentence] of cases)
      expect(await decide(workflowId, ...args)).toEqual({ type, sentence, nonRetryable: true });
    const { events } = await handle.fetchHistory();
    expect(
      events?.filter(({ workflowExecutionUpdateAcceptedEventAttributes: accepted }) => accepted),
    ).toEqual([]);
    expect(await decide(workflowId, yes)).toEqual({
      result: 'answered',
      revision: wanted.revision,
      message: `The question about revision ${wanted.revision} is answered.`,
    });
    expect(await handle.result()).toMatchObject({ stage: 'completed' });
    expect(activities.kept).toMatchObject([{ question: 1, entry: { upTo: 1001, who: '"ann" (claimed)' } }]);
  }));

it('approves in part, knows what is approved already, and takes the rest by its whole sha256', () =>
  withHarness(env, async ({ activities, request, untilStage, workflowId, progress }) => {
    activities.labels = 1500;
    const { wanted, yes } = waiting();
    const handle = await request(wanted);
    expect((await untilStage('awaiting-approval')).approval.question).toBe(1);
    expect(await decide(workflowId, { ...yes, upTo: 500, reason: 'look first' })).toMatchObject({
      result: 'answered',
    });
    await until('the second question', async () => (await progress()).approval.question === 2);
    expect(await decide(workflowId, { ...yes, upTo: 500 })).toEqual({
      result: 'done',
      revision: wanted.revision,
      message: 'Labels 1 to 500 are approved already.',
    });
    expect(await decide(workflowId, { ...yes, revision: wanted.sha256, by: 'bob' })).toMatchObject({
      result: 'answered',
    });
    await handle.result();
    expect(activities.kept).toMatchObject([
      { question: 1, entry: { upTo: 500, who: '"ann" (claimed)', reason: 'look first' } },
      { question: 2, entry: { upTo: 1500, who: '"bob" (claimed)' } },
    ]);
    expect((await progress()).log.map(({ text }) => text)).toContain(
      'Update approve up to 500 by "ann" (claimed) decided nothing: labels 1 to 500 are approved already.',
    );
  }));

it('a rejection ends the export; the second decision is told that it came late', () =>
  withHarness(env, async ({ activities, request, untilStage, workflowId }) => {
    activities.labels = 1001;
    const { wanted, yes } = waiting();
    const handle = await request(wanted);
    await untilStage('awaiting-approval');
    const [first, second] = await Promise.all([
      decide(workflowId, { ...yes, decision: 'reject' }),
      decide(workflowId, yes),
    ]);
    const refused = {
      type: expect.stringMatching(/^(AlreadyDecided|NothingAsked)$/) as string,
      nonRetryable: true,
    };
    expect([first, second]).toEqual(
      'result' in first
        ? [expect.objectContaining({ result: 'answered' }), expect.objectContaining(refused)]
        : [expect.objectContaining(refused), expect.objectContaining({ result: 'answered' })],
    );
    await handle.result();
    expect(activities.endings).toHaveLength(1);
  }));

it('a decision about a queued revision is kept for its question', () =>
  withHarness(env, async ({ activities, request, untilStage, workflowId, progress }) => {
    activities.labels = 1001;
    const { wanted } = waiting('first');
    const next = aRequest({ body: 'next', project: 'another' });
    const handle = await request(wanted);
    await untilStage('awaiting-approval');
    await request(next);
    await until('the queued request', async () => (await progress()).queued === 1);
    expect(
      await decide(workflowId, { decision: 'approve', revision: next.revision, by: 'ann' }),
    ).toMatchObject({ result: 'early' });
    expect(
      await decide(workflowId, { decision: 'reject', revision: wanted.revision, by: 'ann' }),
    ).toMatchObject({ result: 'answered' });
    await handle.result();
    expect(activities.endings).toEqual([`${wanted.revision} rejected`, `${next.revision} completed`]);
  }));

describe('where the route says signals: ignore', () => {
  const ignoring = {
    asking: { expiresAfterMs: 604_800_000, remindEveryMs: 86_400_000, signals: 'ignore' },
  } as const;

  it('only a decision with the gateway’s record counts', () =>
    withHarness(env, async ({ activities, request, untilStage, workflowId, progress }) => {
      activities.labels = 1001;
      activities.plan = ignoring;
      activities.records.add('0a');
      const { wanted, yes } = waiting();
      const handle = await request(wanted);
      await untilStage('awaiting-approval');
      await handle.signal('approve', { revision: wanted.revision, by: 'mallory' });
      await handle.signal('reject');
      expect(await decide(workflowId, yes)).toMatchObject({ type: 'NeedsToken' });
      expect(await decide(workflowId, { ...yes, record: '0b' })).toMatchObject({ type: 'NotProven' });
      expect(await progress()).toMatchObject({ stage: 'awaiting-approval', approval: { upTo: 0 } });
      expect(JSON.stringify((await progress()).log)).toContain(
        'takes decisions only with an operator’s token',
      );
      expect(await decide(workflowId, { ...yes, record: '0a', reason: 'checked' })).toMatchObject({
        result: 'answered',
      });
      await handle.result();
      expect(activities.kept).toMatchObject([
        { entry: { upTo: 1001, who: 'ann (token)', reason: 'checked' } },
      ]);
    }));

  it('an early signal does not count when its question comes', () =>
    withHarness(env, async ({ activities, request, untilStage, workflowId }) => {
      let plan = () => {};
      const gate = new Promise<void>((resolve) => (plan = resolve));
      activities.labels = 1001;
      activities.plan = ignoring;
      activities.onPrepare = () => gate.then(() => undefined);
      activities.records.add('0a');
      const { wanted, yes } = waiting();
      const handle = await request(wanted);
      await untilStage('preparing');
      await handle.signal('approve', { revision: wanted.revision, by: 'mallory' });
      plan();
      await untilStage('awaiting-approval');
      expect(await decide(workflowId, { ...yes, record: '0a' })).toMatchObject({ result: 'answered' });
      await handle.result();
      expect(activities.kept).toMatchObject([{ entry: { who: 'ann (token)' } }]);
    }));
});
