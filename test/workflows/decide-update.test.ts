import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { DecideResult } from '../../src/workflows/messages';
import { aGate } from '../support/gate';
import { aRequest } from '../support/requests';
import { startTemporal } from '../support/harness/temporal';
import { until } from '../support/until';
import { withHarness } from '../support/harness/workflow-harness';

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

/** The answer to the update, or its refusal. */
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
  const requested = aRequest({ body });
  return { requested, yes: { decision: 'approve', revision: requested.revision, by: 'ann' } };
}

it('An update that is not a decision is refused with a sentence and leaves no event in the history', () =>
  withHarness(env, async ({ activities, requestApproval, workflowId }) => {
    const { requested, yes } = waiting();
    const handle = await requestApproval(requested);
    const shape = 'Expected an object {"decision":"approve"|"reject","revision":"…","by":"…"}.';
    const upTo =
      'Expected upTo to be a whole number from 1 to the number of labels in the plan, and only with approve.';
    const cases: [unknown[], string, string][] = [
      [[], 'InvalidDecision', shape],
      [['approve'], 'InvalidDecision', shape],
      [[[yes]], 'InvalidDecision', shape],
      [[{ ...yes, decision: 'yes' }], 'InvalidDecision', 'Expected decision to be "approve" or "reject".'],
      [
        [{ ...yes, revision: 'abc' }],
        'InvalidDecision',
        'Expected revision to be 12 or 64 hex digits in lower case, as the plan shows it.',
      ],
      [
        [{ ...yes, revision: 123456789012 }],
        'InvalidDecision',
        'Expected revision to be 12 or 64 hex digits in lower case, as the plan shows it.',
      ],
      [[{ ...yes, by: ' ' }], 'InvalidDecision', 'Expected by to be a name with 1 to 200 characters.'],
      [
        [{ ...yes, reason: 'x'.repeat(2001) }],
        'InvalidDecision',
        'Expected reason to be text with at most 2,000 characters.',
      ],
      [[yes, { upTo: 1 }], 'InvalidDecision', shape],
      [
        [{ ...yes, up_to: 1 }],
        'WrongUpTo',
        'Expected upTo, and not up_to: without upTo, all labels would be approved.',
      ],
      [
        [{ ...yes, selection: 'ab' }],
        'InvalidDecision',
        'Expected only the keys decision, approved, revision, by, reason, upTo, plan, record, got "selection".',
      ],
      [
        [{ ...yes, approved: false }],
        'InvalidDecision',
        'Expected approved to be true, and only with approve; reject with "reject".',
      ],
      [[{ ...yes, upTo: 0 }], 'WrongUpTo', upTo],
      [[{ ...yes, upTo: '5' }], 'WrongUpTo', upTo],
      [[{ ...yes, upTo: 1.5 }], 'WrongUpTo', upTo],
      [[{ ...yes, decision: 'reject', upTo: 5 }], 'WrongUpTo', upTo],
      [
        [{ ...yes, upTo: 1002 }],
        'WrongUpTo',
        'Expected upTo to be a whole number from 1 to the plan’s 1,001 labels, got 1,002.',
      ],
      [
        [{ ...yes, revision: 'ab'.repeat(6) }],
        'WrongRevision',
        `The export is at revision ${requested.revision}, and the decision names revision abababababab.`,
      ],
      [
        [{ ...yes, record: '../x' }],
        'InvalidDecision',
        'Expected record to be the name of a decision proof, or absent.',
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
      revision: requested.revision,
      message: `The question about revision ${requested.revision} is answered.`,
    });
    expect(await handle.result()).toMatchObject({ stage: 'completed' });
    expect(activities.decisions).toMatchObject([
      { question: 1, entry: { upTo: 1001, who: '"ann" (claimed)' } },
    ]);
  }));

it('An update approves in part, reports labels that are already approved, and approves the rest by the whole sha256', () =>
  withHarness(env, async ({ activities, request, untilStage, progress, workflowId }) => {
    activities.labels = 1500;
    const { requested, yes } = waiting();
    const handle = await request(requested);
    expect((await untilStage('awaiting-approval')).approval.question).toBe(1);
    expect(await decide(workflowId, { ...yes, upTo: 500, reason: 'look first' })).toMatchObject({
      result: 'answered',
    });
    await until('the second question', async () => (await progress()).approval.question === 2);
    expect(await decide(workflowId, { ...yes, upTo: 500 })).toEqual({
      result: 'done',
      revision: requested.revision,
      message: 'Labels 1 to 500 are already approved.',
    });
    expect(await decide(workflowId, { ...yes, revision: requested.sha256, by: 'bob' })).toMatchObject({
      result: 'answered',
    });
    await handle.result();
    expect(activities.decisions).toMatchObject([
      { question: 1, entry: { upTo: 500, who: '"ann" (claimed)', reason: 'look first' } },
      { question: 2, entry: { upTo: 1500, who: '"bob" (claimed)' } },
    ]);
    expect((await progress()).log.map(({ text }) => text)).toContain(
      'Update approve up to 500 by "ann" (claimed) decided nothing: labels 1 to 500 are already approved.',
    );
  }));

it('A rejection ends the export; the second decision is refused as late', () =>
  withHarness(env, async ({ activities, requestApproval, workflowId }) => {
    const { requested, yes } = waiting();
    const handle = await requestApproval(requested);
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

it('A decision about a queued revision is kept for its question', () =>
  withHarness(env, async ({ activities, request, requestApproval, progress, workflowId }) => {
    const { requested } = waiting('first');
    const next = aRequest({ body: 'next', project: 'another' });
    const handle = await requestApproval(requested);
    await request(next);
    await until('the queued request', async () => (await progress()).queued === 1);
    expect(
      await decide(workflowId, { decision: 'approve', revision: next.revision, by: 'ann' }),
    ).toMatchObject({ result: 'early' });
    expect(
      await decide(workflowId, { decision: 'reject', revision: requested.revision, by: 'ann' }),
    ).toMatchObject({ result: 'answered' });
    await handle.result();
    expect(activities.endings).toEqual([`${requested.revision} rejected`, `${next.revision} completed`]);
  }));

it('A decision counts only for the plan that it names, also when it is kept for its question', () =>
  withHarness(env, async ({ activities, request, requestApproval, progress, workflowId }) => {
    const { requested, yes } = waiting('first');
    const next = aRequest({ body: 'next', project: 'another' });
    const handle = await requestApproval(requested);
    expect((await progress()).plan).toBe('d1d1d1d1d1d1');
    const because = 'the plan was made again: it is now d1d1d1d1d1d1 with 1,001 labels';
    const other = { plan: 'ab'.repeat(6), upTo: 5 };
    expect(await decide(workflowId, { ...yes, ...other })).toMatchObject({
      type: 'OtherPlan',
      sentence: `The decision decides nothing: ${because}.`,
    });
    await handle.signal('approve', { revision: requested.revision, ...other });
    await request(next);
    await until('the queued request', async () => (await progress()).queued === 1);
    const early = { decision: 'approve', revision: next.revision, by: 'ann', ...other };
    expect(await decide(workflowId, early)).toMatchObject({ result: 'early' });
    expect(await decide(workflowId, { ...yes, plan: 'd1'.repeat(6), upTo: 1001 })).toMatchObject({
      result: 'answered',
    });
    await until('the next question', async () => {
      const { revision, approval } = await progress();
      return revision === next.revision && approval.question !== undefined;
    });
    expect((await progress()).log.map(({ text }) => text)).toEqual(
      expect.arrayContaining([
        `Signal approve up to 5 decided nothing: ${because}.`,
        `Update approve up to 5 by "ann" (claimed) decided nothing: ${because}.`,
      ]),
    );
    expect(activities.endings).toEqual([`${requested.revision} completed`]);
    await handle.terminate();
  }));

describe('On a route with signals: ignore', () => {
  const ignoring = {
    asking: { expiresAfterMs: 604_800_000, remindEveryMs: 86_400_000, signals: 'ignore' },
  } as const;

  it('only a decision with the gateway’s proof counts', () =>
    withHarness(env, async ({ activities, requestApproval, progress, workflowId }) => {
      activities.plan = ignoring;
      activities.records.add('0a');
      const { requested, yes } = waiting();
      const handle = await requestApproval(requested);
      await handle.signal('approve', { revision: requested.revision, by: 'mallory' });
      await handle.signal('reject');
      expect(await decide(workflowId, yes)).toMatchObject({ type: 'NeedsToken' });
      expect(await decide(workflowId, { ...yes, record: '0b' })).toMatchObject({ type: 'NotProven' });
      expect(await progress()).toMatchObject({ stage: 'awaiting-approval', approval: { upTo: 0 } });
      expect(JSON.stringify((await progress()).log)).toContain(
        'accepts decisions only with an operator token',
      );
      expect(await decide(workflowId, { ...yes, record: '0a', reason: 'checked' })).toMatchObject({
        result: 'answered',
      });
      await handle.result();
      expect(activities.decisions).toMatchObject([
        { entry: { upTo: 1001, who: 'ann (token)', reason: 'checked' } },
      ]);
    }));

  it('an early signal does not count when its question comes', () =>
    withHarness(env, async ({ activities, request, untilStage, workflowId }) => {
      const gate = aGate();
      activities.labels = 1001;
      activities.plan = ignoring;
      activities.onPrepare = () => gate.opened.then(() => undefined);
      activities.records.add('0a');
      const { requested, yes } = waiting();
      const handle = await request(requested);
      await untilStage('preparing');
      await handle.signal('approve', { revision: requested.revision, by: 'mallory' });
      gate.open();
      await untilStage('awaiting-approval');
      expect(await decide(workflowId, { ...yes, record: '0a' })).toMatchObject({ result: 'answered' });
      await handle.result();
      expect(activities.decisions).toMatchObject([{ entry: { who: 'ann (token)' } }]);
    }));
});
