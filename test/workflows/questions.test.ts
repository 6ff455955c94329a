import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { NoticeReceiver } from '../../src/activities/contracts';
import type { NoticeEvent } from '../../src/domain/notice-event';
import { aRequest } from '../support/requests';
import { aFailure, refusedKey, retryable } from '../support/harness/scripted-activities';
import { startTimeSkipping } from '../support/harness/temporal';
import { until } from '../support/until';
import { withHarness } from '../support/harness/workflow-harness';

let env: TestWorkflowEnvironment;
/** Each test has its own server, because all workflows of a server share its clock. */
beforeEach(async () => {
  env = await startTimeSkipping();
});
afterEach(() => env.teardown());

const dayMs = 24 * 60 * 60 * 1000;
const everything: readonly NoticeEvent[] = [
  'export.awaiting-approval',
  'export.reminder',
  'export.paused',
  'export.completed',
  'export.failed',
];
const team: NoticeReceiver = { name: 'team', events: everything };
const asking = { expiresAfterMs: 7 * dayMs, remindEveryMs: dayMs, signals: 'accept' } as const;

it('A question reminds daily and expires after seven days, with nothing sent', () =>
  withHarness(env, async ({ activities, request }) => {
    activities.labels = 1001;
    activities.plan = { asking, notices: [team] };
    expect(await (await request(aRequest())).result()).toMatchObject({ stage: 'expired' });
    expect(activities.notices.map(({ event }) => event)).toEqual([
      'export.awaiting-approval',
      ...Array.from({ length: 6 }, () => 'export.reminder'),
      'export.failed',
    ]);
    expect(activities.notices[0]).toMatchObject({
      question: { from: 1, to: 1001 },
      stage: 'awaiting-approval',
      labels: { planned: 1001 },
    });
    expect(activities.notices.at(-1)).toMatchObject({
      stage: 'expired',
      because: 'No decision arrived within 7 days.',
    });
    expect(new Set(activities.notices.map(({ id }) => id)).size).toBe(8);
    expect(activities.chunks).toHaveLength(0);
  }));

it('A pause puts the deadline on hold; reminders continue', () =>
  withHarness(env, async ({ activities, requestApproval, untilStage }) => {
    activities.plan = { asking: { ...asking, expiresAfterMs: 2 * dayMs }, notices: [team] };
    const handle = await requestApproval();
    await handle.signal('pause', { by: 'ann', reason: 'lunch' });
    await untilStage('paused');
    await env.sleep('4.5 days'); // not at the moment of a reminder: the time-skipping server loses a task when a timer and a signal meet
    const paused = await untilStage('paused');
    expect(paused).toMatchObject({
      pausedBy: 'person',
      pausedBecause: 'An operator paused it by "ann" (claimed) ("lunch").',
    });
    expect(
      activities.notices.filter(({ event }) => event === 'export.reminder').length,
    ).toBeGreaterThanOrEqual(4);
    await handle.signal('resume', { by: 'ann' });
    expect((await untilStage('awaiting-approval')).approval.upTo).toBe(0);
    expect(await handle.result()).toMatchObject({ stage: 'expired' });
  }));

it('An export without notice targets sends no notices', () =>
  withHarness(env, async ({ activities, request }) => {
    activities.labels = 1001;
    expect(await (await request(aRequest())).result()).toMatchObject({ stage: 'expired' });
    expect(activities.notices).toEqual([]);
  }));

it('Each target gets the events that it is configured for', () =>
  withHarness(env, async ({ activities, requestApproval, untilStage }) => {
    activities.plan = { notices: [team, { name: 'ends', events: ['export.completed'] }] };
    let refused = true;
    activities.onChunk = () => (refused ? refusedKey : undefined);
    const handle = await requestApproval();
    await handle.signal('approve');
    expect(await untilStage('paused')).toMatchObject({ pausedBy: 'service' });
    refused = false;
    await handle.signal('resume', { waitingFor: 'destination' });
    await handle.result();
    expect(activities.notices.map(({ target, event }) => `${target} ${event}`).toSorted()).toEqual([
      'ends export.completed',
      'team export.awaiting-approval',
      'team export.completed',
      'team export.paused',
    ]);
    expect(activities.notices[1]).toMatchObject({ because: 'The key was refused (401).' });
    expect(activities.notices[2]).toMatchObject({
      labels: { planned: 1001, relabeled: 1001 },
      stage: 'completed',
    });
  }));

it('A request without a plan sends a notice of its failure', () =>
  withHarness(env, async ({ activities, request }) => {
    activities.onPrepare = (input) => aFailure(input, [team]);
    await (await request(aRequest())).result();
    expect(activities.notices).toMatchObject([
      { event: 'export.failed', because: 'The delivery is missing.', stage: 'failed' },
    ]);
  }));

it('A notice is given up after 15 minutes and recorded; the run ends only then, but the next request does not wait', () =>
  withHarness(env, async ({ activities, request, progress }) => {
    activities.plan = { notices: [team] };
    activities.onNotify = () => Promise.reject(retryable('The receiver team answered 503.'));
    const [requested, next] = [aRequest(), aRequest({ body: 'next' })];
    const handle = await request(requested);
    await until('the first report', () => activities.endings.length === 1);
    await request(next);
    await until(
      'the second report',
      async () => activities.endings.length === 2 && (await progress()).stage === 'completed',
    );
    expect(activities.undelivered).toEqual([]);
    await handle.result();
    expect(activities.undelivered).toMatchObject([
      {
        notice: { target: 'team', event: 'export.completed' },
        failure: expect.stringContaining('answered 503') as string,
      },
      { notice: { target: 'team', event: 'export.completed', ref: { revision: next.revision } } },
    ]);
    expect((await handle.describe()).status.name).toBe('COMPLETED');
  }));

it('A resume for a repaired destination does not end a person’s pause', () =>
  withHarness(env, async ({ activities, requestApproval, untilStage, progress }) => {
    const handle = await requestApproval();
    await handle.signal('pause');
    await untilStage('paused');
    await handle.signal('resume', { waitingFor: 'destination' });
    expect(await progress()).toMatchObject({ stage: 'paused', pausedBy: 'person' });
    await handle.signal('cancelling', { by: 'ann', reason: 'wrong issue' });
    await env.client.workflow.getHandle(handle.workflowId).cancel();
    await handle.result().catch(() => undefined);
    expect(activities.reports).toMatchObject([
      {
        outcome: 'cancelled',
        reason: 'It was cancelled by "ann" (claimed) ("wrong issue") while it waited for approval.',
      },
    ]);
  }));

it('The deadline of a question is on hold during a pause and continues after it', () =>
  withHarness(env, async ({ activities, requestApproval, untilStage, progress }) => {
    const handle = await requestApproval();
    await handle.signal('pause');
    await untilStage('paused');
    await env.sleep('9.5 days'); // not at the moment of a reminder, for the same reason
    expect((await progress()).stage).toBe('paused');
    await handle.signal('resume');
    await untilStage('awaiting-approval');
    await env.sleep('6 days');
    expect((await progress()).stage).toBe('awaiting-approval');
    await handle.result();
    expect(activities.endings).toEqual([expect.stringMatching(/ expired$/)]);
  }));

it('A request with empty names is exported', () =>
  withHarness(env, async ({ activities, request }) => {
    const handle = await request(aRequest({ issueName: '', project: '' }));
    await handle.result();
    expect(activities.endings).toEqual([expect.stringMatching(/ completed$/)]);
  }));
