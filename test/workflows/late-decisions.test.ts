import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { DecideResult } from '../../src/workflows/messages';
import { carriedQuestion } from '../support/carried-question';
import { aGate } from '../support/gate';
import { aRequest } from '../support/requests';
import { startTemporal } from '../support/harness/temporal';
import { until } from '../support/until';
import { type Harness, withHarness, withLateWorker } from '../support/harness/workflow-harness';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTemporal();
});
afterAll(() => env.teardown());

const request = aRequest();
const { revision, sha256 } = request;
const texts = ({ log }: { log: readonly { text: string }[] }) => log.map(({ text }) => text);
const untilPassed = (time: number) => until('the deadline', () => Date.now() > time);

/**
 * Starts a run whose question expires while no worker runs. Such tests are concurrent: each waits for its
 * deadline, and none depends on being early.
 * @param act acts before and after the deadline, without a worker.
 */
async function withWorkerAfterDeadline(
  act: (workflowId: string, passDeadline: () => Promise<void>) => Promise<void>,
  check: (harness: Harness, deadline: string) => Promise<void>,
): Promise<void> {
  const expiresAt = Date.now() + 1500;
  let harness: Harness | undefined;
  await withLateWorker(
    env,
    async (newHarness) => {
      harness = newHarness();
      const { activities, workflowId } = harness;
      await env.client.workflow.start('ExportIssue', {
        workflowId,
        taskQueue: activities.taskQueue,
        args: [{ issueId: request.issueId, carried: carriedQuestion(activities, request, expiresAt) }],
      });
      await act(workflowId, () => untilPassed(expiresAt).then(() => undefined));
    },
    () => check(harness as Harness, new Date(expiresAt).toISOString()),
  );
}

it.concurrent.each([
  ['approve', 'signalled after the deadline', false],
  ['reject', 'signalled after the deadline', false],
  ['approve', 'signalled before the deadline and heard after it', true],
] as const)(
  'A bare %s that was %s decides nothing, and the log says how to ask again',
  (name, _when, isSentInTime) =>
    withWorkerAfterDeadline(
      async (workflowId, passDeadline) => {
        const handle = env.client.workflow.getHandle(workflowId);
        if (!isSentInTime) await passDeadline();
        await handle.signal(name, { revision, by: 'ann', reason: 'r'.repeat(200) });
        await passDeadline();
      },
      async ({ activities, progress, workflowId }, deadline) => {
        await env.client.workflow.getHandle(workflowId).result();
        expect(activities.endings).toEqual([`${revision} expired`]);
        expect(activities.chunks).toEqual([]);
        expect(texts(await progress())[0]).toBe(
          `Signal ${name} by "ann" (claimed) decided nothing: the question expired at ${deadline}; ask again with requeue replay ${sha256}.`,
        );
      },
    ),
);

it.concurrent('A pause that is heard after the deadline does not keep the question open', () =>
  withWorkerAfterDeadline(
    async (workflowId, passDeadline) => {
      await passDeadline();
      const handle = env.client.workflow.getHandle(workflowId);
      await handle.signal('pause');
      await handle.signal('approve', { revision });
      await handle.signal('resume');
      await handle.signal('approve', { revision });
    },
    async ({ activities, workflowId }) => {
      await env.client.workflow.getHandle(workflowId).result();
      expect(activities.endings).toEqual([`${revision} expired`]);
      expect(activities.chunks).toEqual([]);
    },
  ));

it.concurrent.each([
  ['older than the deadline counts', -1, 'completed'],
  ['not older than the deadline decides nothing', 0, 'expired'],
] as const)(
  'An update that is heard after the deadline with a record %s',
  (_which, differenceMs, outcome) => {
    let answer: Promise<DecideResult | string> | undefined;
    return withWorkerAfterDeadline(
      async (workflowId, passDeadline) => {
        await passDeadline();
        answer = env.client.workflow
          .getHandle(workflowId)
          .executeUpdate<DecideResult, [object]>('decide', {
            args: [{ decision: 'approve', revision, by: 'ann', record: '0a' }],
          })
          .catch((error: Error) => (error.cause as Error).message);
      },
      async ({ activities, workflowId }, deadline) => {
        activities.records.add('0a');
        activities.recordedAt = Date.parse(deadline) + differenceMs;
        expect(await answer).toEqual(
          outcome === 'completed'
            ? expect.objectContaining({ result: 'answered' })
            : `Too late: the question expired at ${deadline}; ask again with requeue replay ${sha256}.`,
        );
        await env.client.workflow.getHandle(workflowId).result();
        expect(activities.endings).toEqual([`${revision} ${outcome}`]);
      },
    );
  },
);

it('A question stays open past its deadline while the record of an update is read, and then its decision counts', () =>
  withHarness(env, async ({ activities, requestApproval, progress, workflowId }) => {
    const expiresAfterMs = 2000;
    activities.plan = { asking: { expiresAfterMs, remindEveryMs: 86_400_000, signals: 'accept' } };
    activities.records.add('0a');
    const reading = aGate();
    activities.onCheck = () => reading.opened;
    const handle = await requestApproval(request);
    const { approval } = await progress();
    const answer = env.client.workflow.getHandle(workflowId).executeUpdate<DecideResult, [object]>('decide', {
      args: [{ decision: 'approve', revision, by: 'ann', record: '0a' }],
    });
    await until('the record', () => activities.checkedRecords.length === 1);
    await untilPassed(Date.parse(approval.expiresAt ?? '') + 500); // by then the timer has fired
    await handle.signal('approve', { revision }); // late, although the question is open
    expect((await progress()).stage).toBe('awaiting-approval');
    reading.open();
    expect(await answer).toMatchObject({ result: 'answered' });
    expect(await handle.result()).toMatchObject({ stage: 'completed' });
    expect(activities.decisions).toMatchObject([{ entry: { who: 'ann (token)' } }]);
  }));

it('A question expires once the record of a late update turns out to be missing', () =>
  withHarness(env, async ({ activities, requestApproval, progress, workflowId }) => {
    activities.plan = { asking: { expiresAfterMs: 2000, remindEveryMs: 86_400_000, signals: 'accept' } };
    const reading = aGate();
    activities.onCheck = () => reading.opened;
    const handle = await requestApproval(request);
    const { approval } = await progress();
    const answer = env.client.workflow
      .getHandle(workflowId)
      .executeUpdate('decide', { args: [{ decision: 'approve', revision, by: 'ann', record: '0a' }] })
      .catch((error: Error) => (error.cause as Error).message);
    await until('the record', () => activities.checkedRecords.length === 1);
    await untilPassed(Date.parse(approval.expiresAt ?? '') + 500);
    reading.open();
    expect(await answer).toContain('no unused decision proof');
    expect(await handle.result()).toMatchObject({ stage: 'expired' });
  }));

it('Signals are heard before updates of the same task', () => {
  const sent: { workflowId: string; answer: Promise<unknown> }[] = [];
  return withLateWorker(
    env,
    async (newHarness) => {
      const { activities, workflowId } = newHarness();
      const handle = await env.client.workflow.start('ExportIssue', {
        workflowId,
        taskQueue: activities.taskQueue,
        args: [{ issueId: request.issueId, carried: carriedQuestion(activities, request) }],
      });
      const answer = handle
        .executeUpdate('decide', { args: [{ decision: 'approve', revision, by: 'ann' }] })
        .catch((error: Error) => (error.cause as Error).message);
      sent.push({ workflowId, answer });
      await handle.signal('reject', { revision });
    },
    async () => {
      const [{ workflowId, answer }] = sent as [(typeof sent)[0]];
      expect(await answer).toContain('already answered');
      expect(await env.client.workflow.getHandle(workflowId).result()).toMatchObject({ stage: 'rejected' });
    },
  );
});
