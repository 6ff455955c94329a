import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { ExportRequest } from '../../src/domain/request';
import { carriedQuestion } from '../support/carried-question';
import { aGate } from '../support/gate';
import { aRequest } from '../support/requests';
import { startTemporal } from '../support/harness/temporal';
import { until } from '../support/until';
import { type Harness, withHarness } from '../support/harness/workflow-harness';

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await startTemporal();
});

afterAll(async () => {
  await env?.teardown();
});

const minuteMs = 60_000;
const fromNow = (ms: number) => new Date(Date.now() + ms).toISOString();
/** A request of a gateway whose clock is right, or runs ahead. */
const received = (body: string, aheadMs = 0, change: Partial<ExportRequest> = {}) =>
  aRequest({ body, receivedAt: fromNow(aheadMs), ...change });

const untilAsked = ({ progress }: Harness, { revision }: ExportRequest) =>
  until(`the question about ${revision}`, async () => {
    const seen = await progress();
    return seen.revision === revision && seen.stage === 'awaiting-approval';
  });

it('A click through a gateway whose clock runs ahead is superseded by a newer one through another gateway', () =>
  withHarness(env, async (harness) => {
    const { activities, request, requestApproval, progress } = harness;
    const older = received('older', 15 * minuteMs);
    const handle = await requestApproval(older);
    const newer = received('newer');
    await request(newer);
    await untilAsked(harness, newer);
    expect(activities.endings).toEqual([`${older.revision} superseded`]);
    expect((await progress()).log.map(({ text }) => text)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^Request ${older.requestId} was stamped at least 14 minutes ahead of Temporal’s time, because a gateway’s clock is wrong; it counts as received at 20.+Z\\.$`,
        ),
      ),
    ]);
    await handle.terminate();
  }));

it('The newest of several clicks is exported, although the clocks of two gateways run ahead', () =>
  withHarness(env, async (harness) => {
    const { activities, request } = harness;
    activities.labels = 1001;
    const planning = aGate();
    activities.onPrepare = () => planning.opened.then(() => undefined);
    const clicks = [
      received('first', 20 * minuteMs),
      received('second', 15 * minuteMs),
      received('third'),
      received('fourth', 30 * minuteMs),
      received('last'),
    ];
    const handle = await request(clicks[0]!);
    await until('its plan', () => activities.prepared.length === 1);
    for (const click of clicks.slice(1)) await request(click);
    await harness.progress();
    planning.open();
    await untilAsked(harness, clicks[4]!);
    expect(activities.endings).toHaveLength(4);
    await handle.terminate();
  }));

it('A delivery that its gateway held back for minutes does not become the newest', () =>
  withHarness(env, async (harness) => {
    const { activities, request, requestApproval } = harness;
    const current = received('current');
    const held = received('held back', -5 * minuteMs);
    const handle = await requestApproval(current);
    await request(held);
    await until('it in the queue', async () => (await harness.progress()).queued === 1);
    await handle.signal('approve', { revision: current.revision });
    await handle.result();
    expect(activities.endings.toSorted()).toEqual(
      [`${current.revision} completed`, `${held.revision} superseded`].toSorted(),
    );
    const reported = activities.reports.flatMap((report) =>
      report.kind === 'duplicates' ? [] : report.request,
    );
    expect(reported).toEqual(expect.arrayContaining([current, held]));
  }));

it('The plan and the report of a clamped request have the receivedAt that was compared', () =>
  withHarness(env, async ({ activities, request }) => {
    const sent = Date.now();
    const ahead = received('ahead', 15 * minuteMs);
    await (await request(ahead)).result();
    const [prepared] = activities.prepared;
    const [report] = activities.reports;
    expect(Date.parse(prepared?.request.receivedAt ?? '')).toBeLessThan(sent + minuteMs);
    expect(report).toMatchObject({ request: { ...ahead, receivedAt: prepared?.request.receivedAt } });
  }));

it('A clamped export is still known as clamped after the run continued as new', () =>
  withHarness(env, async (harness) => {
    const { activities, workflowId } = harness;
    const older = received('older');
    const newer = received('newer', -1000);
    const state = carriedQuestion(activities, older);
    activities.labels = 1001;
    const handle = await env.client.workflow.signalWithStart('ExportIssue', {
      workflowId,
      taskQueue: activities.taskQueue,
      args: [{ issueId: older.issueId, carried: { ...state, current: { ...state.current, clamped: true } } }],
      signal: 'exportRequested',
      signalArgs: [newer],
    });
    await untilAsked(harness, newer);
    expect(activities.endings).toEqual([`${older.revision} superseded`]);
    await handle.terminate();
  }));

it('A request that moves behind the current one while its plan is made does not supersede it', () =>
  withHarness(env, async (harness) => {
    const { activities, request, requestApproval, progress } = harness;
    const current = received('current', -minuteMs);
    const ahead = received('ahead', 15 * minuteMs);
    const held = received('held back', -2 * minuteMs);
    const handle = await requestApproval(current);
    const planning = aGate();
    activities.onPrepare = () => planning.opened.then(() => undefined);
    await request(ahead);
    await until('its plan', () => activities.prepared.length === 2);
    await request(held);
    await progress();
    planning.open();
    await until(
      'the end of its activity',
      async () => !(await handle.describe()).raw.pendingActivities?.length,
    );
    expect(await progress()).toMatchObject({
      stage: 'awaiting-approval',
      revision: current.revision,
      queued: 2,
    });
    expect(activities.endings).toEqual([]);
    await handle.terminate();
  }));
