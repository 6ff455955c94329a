import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { WorkflowFailedError } from '@temporalio/client';
import { aGate } from '../support/gate';
import { aRequest } from '../support/requests';
import { done, refusedKey } from '../support/harness/scripted-activities';
import { startTemporal } from '../support/harness/temporal';
import { until } from '../support/until';
import { withHarness } from '../support/harness/workflow-harness';

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await startTemporal();
});

afterAll(async () => {
  await env.teardown();
});

it('A small export sends every label once and reports it', () =>
  withHarness(env, async ({ activities, request, progress }) => {
    const handle = await request(aRequest());
    expect(await handle.result()).toMatchObject({ stage: 'completed' });
    expect(activities.chunks.map(({ from, to }) => [from, to])).toEqual([
      [0, 100],
      [100, 200],
      [200, 250],
    ]);
    expect(activities.endings).toEqual([expect.stringMatching(/ completed$/)]);
    expect((await progress()).labels).toMatchObject({ planned: 250, relabeled: 250, withheld: 0 });
  }));

it('The first call goes alone, and its result opens the send window', () =>
  withHarness(env, async ({ activities, request }) => {
    const gate = aGate();
    activities.labels = 900;
    activities.onChunk = async ({ from }) => (from === 0 ? gate.opened.then(() => undefined) : undefined);
    const handle = await request(aRequest());
    await until('the first call', () => activities.chunks.length === 1);
    await handle.query('progress');
    expect(activities.chunks).toHaveLength(1);
    gate.open();
    await handle.result();
    expect(activities.chunks).toHaveLength(9);
  }));

it('An export pauses after one call with a refused key and continues after resume', () =>
  withHarness(env, async ({ activities, request, untilStage }) => {
    activities.labels = 900;
    let refused = true;
    activities.onChunk = () => (refused ? refusedKey : undefined);
    const handle = await request(aRequest());
    const paused = await untilStage('paused');
    expect(paused.pausedBecause).toContain('401');
    expect(activities.chunks).toHaveLength(1);
    refused = false;
    await handle.signal('resume');
    expect(await handle.result()).toMatchObject({ stage: 'completed' });
    expect(activities.chunks).toHaveLength(10);
  }));

it('A chunk that the service refuses is halved down to the poison label', () =>
  withHarness(env, async ({ activities, request, progress }) => {
    activities.labels = 8;
    activities.onChunk = ({ from, to }) => {
      if (!(from <= 5 && 5 < to)) return done({ from, to });
      if (to - from > 1) return { kind: 'bad-items' };
      return {
        kind: 'done',
        upTo: to,
        repeated: false,
        relabeled: 0,
        alreadyGone: 0,
        refused: 1,
        unconfirmed: 0,
      };
    };
    const handle = await request(aRequest());
    await handle.result();
    expect((await progress()).labels).toMatchObject({ relabeled: 7, refused: 1 });
  }));

it('A chunk is divided when its call is too large, over the byte bound, or ends early', () =>
  withHarness(env, async ({ activities, request, progress }) => {
    activities.labels = 100;
    activities.onChunk = ({ from, to }) => {
      if (to - from > 60) return { kind: 'too-large' };
      if (to - from > 20) return { kind: 'too-many-bytes', fits: 20 };
      return from === 0 ? done({ from, to }, 7) : done({ from, to });
    };
    const handle = await request(aRequest());
    await handle.result();
    expect((await progress()).labels.relabeled).toBe(100);
  }));

it('A plan above the threshold waits for approval, and an approve without arguments sends it', () =>
  withHarness(env, async ({ activities, request, untilStage }) => {
    activities.labels = 1001;
    const handle = await request(aRequest());
    const waiting = await untilStage('awaiting-approval');
    expect(waiting.approval).toMatchObject({ needed: true, upTo: 0, expiresAt: expect.any(String) });
    expect(activities.chunks).toHaveLength(0);
    await handle.signal('approve');
    expect(await handle.result()).toMatchObject({ stage: 'completed' });
  }));

it('An export asks again after upTo, and the second question needs a revision', () =>
  withHarness(env, async ({ activities, request, untilStage }) => {
    activities.labels = 1500;
    const requested = aRequest();
    const handle = await request(requested);
    await untilStage('awaiting-approval');
    await handle.signal('approve', { upTo: 500, by: 'ann' });
    await until('500 labels', async () => {
      const seen = await handle.query<{ labels: { relabeled: number }; stage: string }>('progress');
      return seen.labels.relabeled === 500 && seen.stage === 'awaiting-approval';
    });
    await handle.signal('approve', 'yes');
    await handle.signal('approve', { revision: requested.revision, upTo: 400 });
    await handle.signal('approve', { revision: requested.sha256, by: 'bob' });
    await handle.result();
    const [report] = activities.reports;
    expect(JSON.stringify(report)).toContain('it names no revision, and this is not the first question');
    expect(JSON.stringify(report)).toContain('labels 1 to 500 are already approved');
    expect(activities.chunks).toHaveLength(15);
  }));

it('A rejected export sends nothing, and the same body asks again', () =>
  withHarness(env, async ({ activities, request, requestApproval, untilStage }) => {
    const handle = await requestApproval();
    await handle.signal('reject', { by: 'ann', reason: 'wrong issue' });
    await handle.result();
    expect(activities.endings[0]).toContain('rejected');
    expect(activities.chunks).toHaveLength(0);
    const again = await request(aRequest());
    await untilStage('awaiting-approval');
    await again.signal('approve');
    await again.result();
    expect(activities.endings[1]).toContain('completed');
  }));

it('A newer request supersedes an export that waits for approval; an older one never does', () =>
  withHarness(env, async ({ activities, request, untilStage }) => {
    activities.labels = 1001;
    const oldest = aRequest({ body: 'oldest' });
    const older = aRequest({ body: 'older' });
    const newer = aRequest({ body: 'newer' });
    const handle = await request(older);
    await untilStage('awaiting-approval');
    await request(newer);
    await until(
      'the newer one',
      async () => (await handle.query<{ revision: string }>('progress')).revision === newer.revision,
    );
    await request(oldest);
    await untilStage('awaiting-approval');
    await handle.signal('approve', { revision: newer.revision });
    await handle.result();
    expect(activities.endings).toContain(`${older.revision} superseded`);
    expect(activities.endings).toContain(`${newer.revision} completed`);
    expect(activities.endings.filter((ending) => ending.startsWith(newer.revision))).toHaveLength(1);
  }));

it('Two hundred repetitions of one body make one export', () =>
  withHarness(env, async ({ activities, request }) => {
    const gate = aGate();
    activities.onChunk = async ({ from }) => (from === 0 ? gate.opened.then(() => undefined) : undefined);
    const first = await request(aRequest());
    for (let sent = 0; sent < 10; sent += 1)
      await Promise.all(Array.from({ length: 20 }, () => request(aRequest())));
    gate.open();
    await first.result();
    expect(activities.endings).toHaveLength(1);
    const ids = activities.reports.flatMap((report) =>
      report.kind === 'duplicates' ? report.requestIds : [report.request.requestId, ...report.also],
    );
    expect(new Set(ids).size).toBe(201);
    expect(Math.max(...activities.reports.map((report) => JSON.stringify(report).length))).toBeLessThan(
      10_000,
    );
  }));

it('A cancel stops the current export; the queued one runs and can be cancelled too', () =>
  withHarness(env, async ({ activities, request, requestApproval, workflowId }) => {
    const first = aRequest({ body: 'first' });
    const second = aRequest({ body: 'second', project: 'other-project' });
    const handle = await requestApproval(first);
    await request(second);
    const latest = env.client.workflow.getHandle(workflowId);
    await latest.cancel();
    await until('the second', async () => {
      const seen = await latest.query<{ revision: string; stage: string }>('progress');
      return seen.revision === second.revision && seen.stage === 'awaiting-approval';
    });
    expect(activities.endings).toEqual([`${first.revision} cancelled`]);
    await latest.cancel();
    await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
    expect((await latest.describe()).status.name).toBe('CANCELLED');
    expect(activities.endings).toEqual([`${first.revision} cancelled`, `${second.revision} cancelled`]);
  }));

it('An undecodable payload and every odd approve leave the run alive', () =>
  withHarness(env, async ({ activities, requestApproval, untilStage }) => {
    const handle = await requestApproval();
    for (const odd of [
      false,
      'no',
      'reject',
      { approved: false },
      { decision: 'reject' },
      '"no"',
      { revision: 'xyz' },
      { upTo: -1 },
      { upTo: 5000 },
    ])
      await handle.signal('approve', odd);
    await handle.signal('unheardOf', 1);
    const seen = await untilStage('awaiting-approval');
    expect(seen.log).toHaveLength(10);
    expect(seen.log.at(-1)?.text).toBe(
      'Signal unheardOf is unknown; expected one of approve, reject, pause, resume.',
    );
    await handle.signal('approve', '{"by":"ann"}');
    await handle.result();
    expect(activities.endings[0]).toContain('completed');
  }));
