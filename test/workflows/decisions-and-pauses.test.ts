import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { ApplicationFailure, Context } from '@temporalio/activity';
import { aGate } from '../support/gate';
import { aRequest } from '../support/requests';
import { done, refusedKey, retryable } from '../support/harness/scripted-activities';
import { startTemporal } from '../support/harness/temporal';
import { until } from '../support/until';
import { type Harness, withHarness, withLateWorker } from '../support/harness/workflow-harness';

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await startTemporal();
});

afterAll(async () => {
  await env.teardown();
});

it('The first call after a resume goes alone, also when calls were in flight during the pause', () =>
  withHarness(env, async ({ activities, request, progress }) => {
    activities.labels = 900;
    activities.plan = { inFlight: 3 };
    const doors = new Map<number, () => void>();
    activities.onChunk = ({ from }) =>
      from === 0 ? undefined : new Promise<undefined>((resolve) => doors.set(from, () => resolve(undefined)));
    const handle = await request(aRequest());
    await until('a full window', () => doors.size === 3);
    await handle.signal('pause');
    await handle.signal('resume');
    await handle.query('progress');
    doors.get(100)?.();
    await until('its answer', async () => (await progress()).labels.relabeled === 200);
    doors.get(200)?.();
    await until('its answer', async () => (await progress()).labels.relabeled === 300);
    doors.get(300)?.();
    await until('its answer', async () => (await progress()).labels.relabeled === 400);
    await until('another call', () => doors.size > 3);
    await progress();
    const begun = doors.size - 3;
    await handle.terminate();
    for (const open of doors.values()) open();
    expect(begun).toBe(1);
  }));

it('An approval that a cancelled export did not use does not answer for the next attempt', () =>
  withHarness(env, async ({ activities, request, untilStage, progress, workflowId }) => {
    const sending = aGate();
    activities.labels = 1500;
    activities.onChunk = () => sending.opened.then(() => undefined);
    const requested = aRequest();
    const handle = await request(requested);
    await untilStage('awaiting-approval');
    await handle.signal('approve', { revision: requested.revision, upTo: 500 });
    await until('a call', () => activities.chunks.length === 1);
    await handle.signal('approve', { revision: requested.revision });
    const latest = env.client.workflow.getHandle(workflowId);
    const again = aRequest({ force: true });
    await request(again);
    await latest.cancel();
    sending.open();
    await until('the cancelled report', () =>
      activities.endings.some((ending) => ending.endsWith('cancelled')),
    );
    const seen = await until('the next attempt', async () => {
      const now = await progress();
      return (
        (now.stage === 'awaiting-approval' ||
          now.stage === 'sending' ||
          (now.outcome !== undefined && now.outcome !== 'cancelled')) &&
        activities.prepared.length === 2 &&
        now
      );
    });
    expect(seen.stage).toBe('awaiting-approval');
    await latest.terminate();
  }));

it.each([
  ['a long issue id', 'x'.repeat(2000), 'n'.repeat(60), 'n'.repeat(120)],
  ['words in another script', 'issue-1', '審'.repeat(60), '承'.repeat(120)],
])('The argument of a report stays under 10 KB with %s', (_what, issueId, by, reason) =>
  withHarness(env, async ({ activities, request, requestApproval }) => {
    const requested = aRequest({ issueId });
    const handle = await requestApproval(requested);
    for (let sent = 0; sent < 110; sent += 1) await request(aRequest({ issueId }));
    for (let sent = 0; sent < 20; sent += 1)
      await handle.signal('approve', { revision: 'ffffffffffff', upTo: 1, by, reason });
    await handle.signal('reject', { by: 'ann' });
    await handle.result();
    expect(
      Math.max(...activities.reports.map((report) => Buffer.byteLength(JSON.stringify(report)))),
    ).toBeLessThan(10_000);
  }),
);

it('A question that opens during a pause expires seven days after the resume', () =>
  withHarness(env, async ({ activities, request, untilStage, progress }) => {
    activities.labels = 1001;
    const planning = aGate();
    activities.onPrepare = () => planning.opened.then(() => undefined);
    const handle = await request(aRequest());
    await until('the plan', () => activities.prepared.length === 1);
    await handle.signal('pause');
    await until(
      'a pause of a second',
      async () => Date.now() - Date.parse((await progress()).log[0]?.at ?? '') > 1000,
    );
    planning.open();
    await untilStage('paused');
    const sevenDays = 7 * 24 * 60 * 60 * 1000;
    const whilePaused = await progress();
    expect(whilePaused.approval).toMatchObject({ question: 1, remainingMs: sevenDays });
    expect(whilePaused.approval).not.toHaveProperty('expiresAt');
    await handle.signal('resume');
    await untilStage('awaiting-approval');
    const seen = await progress();
    const resumed = Date.parse(seen.log.at(-1)?.at ?? '');
    await handle.terminate();
    expect(Date.parse(seen.approval.expiresAt ?? '')).toBe(resumed + sevenDays);
  }));

it('Results of calls from before a resume do not open the send window after it', () =>
  withHarness(env, async ({ activities, request, untilStage, progress }) => {
    activities.labels = 900;
    activities.plan = { inFlight: 3 };
    const doors = new Map<number, () => void>();
    let refused = false;
    activities.onChunk = ({ from, to }) => {
      if (from === 0) return undefined;
      return new Promise((resolve) =>
        doors.set(from, () => resolve(refused ? refusedKey : done({ from, to }))),
      );
    };
    const handle = await request(aRequest());
    await until('a full window', () => doors.size === 3);
    refused = true;
    doors.get(100)?.();
    await until('the pause', async () => (await progress()).pausedBecause);
    refused = false;
    doors.delete(100);
    await handle.signal('resume');
    await untilStage('sending');
    doors.get(200)?.();
    await until('its answer', async () => (await progress()).labels.relabeled === 200);
    doors.get(300)?.();
    await until('its answer', async () => (await progress()).labels.relabeled === 300);
    await until('another call', () => activities.chunks.length > 4);
    await progress();
    const begun = activities.chunks.length - 4;
    await handle.terminate();
    for (const open of doors.values()) open();
    expect(begun).toBe(1);
  }));

it('A pause that the service caused ends with its export, also when that is cancelled', () =>
  withHarness(env, async ({ activities, request, untilStage, progress, workflowId }) => {
    const refused = aRequest({ body: 'refused' });
    const other = aRequest({ body: 'other', project: 'other-project' });
    activities.onChunk = ({ ref }) =>
      ref.revision === refused.revision
        ? { kind: 'needs-person', because: 'The service does not know the project.' }
        : undefined;
    await request(refused);
    await untilStage('paused');
    await request(other);
    await env.client.workflow.getHandle(workflowId).cancel();
    const seen = await until('the other', async () => {
      const now = await progress();
      return now.revision === other.revision && now.stage !== 'preparing' && now;
    });
    await env.client.workflow
      .getHandle(workflowId)
      .terminate()
      .catch(() => undefined);
    expect(seen.pausedBecause).toBeUndefined();
  }));

it('A cancel while a plan is made ends that request, and the queued one is exported', () =>
  withHarness(env, async ({ activities, request, workflowId }) => {
    const planning = aGate();
    const first = aRequest({ body: 'first' });
    const second = aRequest({ body: 'second' });
    let cancelled = '';
    activities.onPrepare = async ({ request: { requestId, revision } }) => {
      if (requestId !== first.requestId) return undefined;
      cancelled = revision;
      const beat = setInterval(() => Context.current().heartbeat(), 200);
      await Promise.race([planning.opened, Context.current().cancelled]).finally(() => clearInterval(beat));
      return undefined;
    };
    await request(first);
    await until('the plan', () => cancelled !== '');
    await request(second);
    const latest = env.client.workflow.getHandle(workflowId);
    await latest.cancel();
    await until('the end', () => activities.endings.length === 2);
    expect(activities.endings).toEqual([`${first.revision} cancelled`, `${second.revision} completed`]);
  }));

it('A cancel while a newer request is prepared ends the open export, and the newer one is exported', () =>
  withHarness(env, async ({ activities, request, untilStage, workflowId }) => {
    const first = aRequest({ body: 'first' });
    const second = aRequest({ body: 'second' });
    const planning = aGate();
    activities.onPrepare = async ({ request: { requestId } }) => {
      activities.labels = requestId === first.requestId ? 1001 : 10;
      if (requestId === second.requestId) await planning.opened;
      return undefined;
    };
    await request(first);
    await untilStage('awaiting-approval');
    await request(second);
    await until('the look', () => activities.prepared.length === 2);
    const latest = env.client.workflow.getHandle(workflowId);
    await latest.cancel();
    planning.open();
    await until('the end', () => activities.endings.length === 2);
    expect(activities.endings).toEqual([`${first.revision} cancelled`, `${second.revision} completed`]);
  }));

it('An approval that arrives while a newer request is prepared counts for the older one; the newer one is planned again', () =>
  withHarness(env, async ({ activities, request, untilStage }) => {
    const first = aRequest({ body: 'first' });
    const second = aRequest({ body: 'second' });
    const planning = aGate();
    activities.onPrepare = async ({ request: { requestId } }) => {
      activities.labels = requestId === first.requestId ? 1001 : 10;
      if (requestId === second.requestId) await planning.opened;
      return undefined;
    };
    const handle = await request(first);
    await untilStage('awaiting-approval');
    await request(second);
    await until('the look', () => activities.prepared.length === 2);
    await handle.signal('approve');
    await handle.query('progress');
    planning.open();
    await handle.result();
    expect(activities.endings).toEqual([`${first.revision} completed`, `${second.revision} completed`]);
    expect(activities.prepared.map(({ request: { requestId } }) => requestId)).toEqual(
      [first, second, second].map(({ requestId }) => requestId),
    );
  }));

it('A request whose plan fails after a cancel ends as cancelled, and the queue continues', () =>
  withHarness(env, async ({ activities, request, progress, workflowId }) => {
    const failing = aGate();
    const first = aRequest({ body: 'first' });
    const second = aRequest({ body: 'second' });
    activities.onPrepare = async ({ request: { requestId } }) => {
      if (requestId !== first.requestId) return undefined;
      await failing.opened;
      throw retryable('The payload store failed while preparing the export.');
    };
    const handle = await request(first);
    await until('the plan', () => activities.prepared.length === 1);
    await request(second);
    const latest = env.client.workflow.getHandle(workflowId);
    await latest.cancel();
    await until('the cancel', async () =>
      (await progress()).log.some(({ text }) => text.includes('Cancellation was requested')),
    );
    failing.open();
    await until('the end of the run', async () => {
      const { status } = await env.client.workflow.getHandle(workflowId, handle.signaledRunId).describe();
      return status.name !== 'RUNNING';
    });
    await latest.result().catch(() => undefined);
    expect(activities.endings).toEqual([`${first.revision} cancelled`, `${second.revision} completed`]);
  }));

it('A call that fails after a cancel does not pause the queued export', () =>
  withHarness(env, async ({ activities, request, progress, workflowId }) => {
    const failing = aGate();
    const first = aRequest({ body: 'first' });
    const second = aRequest({ body: 'second', project: 'other-project' });
    activities.onChunk = async ({ ref }) => {
      if (ref.revision !== first.revision) return undefined;
      await failing.opened;
      throw retryable('The payload store failed while relabeling a chunk.');
    };
    await request(first);
    await until('a call', () => activities.chunks.length === 1);
    await request(second);
    const latest = env.client.workflow.getHandle(workflowId);
    await latest.cancel();
    await until('the cancel', async () =>
      (await progress()).log.some(({ text }) => text.includes('Cancellation was requested')),
    );
    failing.open();
    const seen = await until('the second', async () => {
      const now = await progress();
      return now.revision === second.revision && (now.stage === 'paused' || now.outcome !== undefined) && now;
    });
    await latest.terminate().catch(() => undefined);
    expect(seen.stage).toBe('completed');
  }));

it('A request that was cancelled while its plan failed sends nothing when it is dispatched again', () =>
  withHarness(env, async ({ activities, request, progress, workflowId }) => {
    const failing = aGate();
    const requested = aRequest();
    activities.onPrepare = async () => {
      if (activities.prepared.length > 1) return undefined;
      await failing.opened;
      throw retryable('The payload store failed while preparing the export.');
    };
    const handle = await request(requested);
    await until('the plan', () => activities.prepared.length === 1);
    await env.client.workflow.getHandle(workflowId).cancel();
    await until('the cancel', async () =>
      (await progress()).log.some(({ text }) => text.includes('Cancellation was requested')),
    );
    failing.open();
    await handle.result().catch(() => undefined);
    // The dispatcher dispatches a request without a report again, unless its run was terminated.
    if (!activities.reportedIds.includes(requested.requestId)) await (await request(requested)).result();
    expect(activities.chunks).toEqual([]);
  }));

it('A reject that is heard together with the resume after it sends nothing', async () => {
  const requested = aRequest();
  let harness: Harness | undefined;
  await withLateWorker(
    env,
    async (newHarness) => {
      harness = newHarness();
      const handle = await harness.request(requested);
      await handle.signal('pause');
    },
    async (withoutWorker) => {
      const { activities, workflowId, untilStage } = harness!;
      const handle = env.client.workflow.getHandle(workflowId);
      await untilStage('paused');
      await withoutWorker(async () => {
        await handle.signal('reject', { revision: requested.revision, by: 'ann' });
        await handle.signal('resume');
      });
      await handle.result();
      expect(activities.chunks).toEqual([]);
      expect(activities.endings).toEqual([`${requested.revision} rejected`]);
    },
  );
});

it('A reject during a pause before the first call sends nothing', () =>
  withHarness(env, async ({ activities, request, untilStage }) => {
    const planning = aGate();
    activities.onPrepare = () => planning.opened.then(() => undefined);
    const handle = await request(aRequest());
    await until('the plan', () => activities.prepared.length === 1);
    await handle.signal('pause');
    planning.open();
    await untilStage('paused');
    await handle.signal('reject', { by: 'ann' });
    await handle.signal('resume');
    await handle.result();
    expect(activities.chunks).toEqual([]);
  }));

it('An export waits for its destination again when the activity that waits is failed in Temporal', () =>
  withHarness(env, async ({ activities, request, progress }) => {
    const resumed = aGate();
    let isPaused = true;
    let waits = 0;
    activities.onChunk = () =>
      isPaused ? { kind: 'destination-paused', because: 'The destination is paused.' } : undefined;
    activities.onAwaitDestination = () => {
      waits += 1;
      if (waits === 1) throw ApplicationFailure.nonRetryable('An operator failed the activity.');
      return resumed.opened;
    };
    const handle = await request(aRequest());
    await until('another wait', () => waits === 2);
    expect(await progress()).toMatchObject({ stage: 'paused', pausedBy: 'destination' });
    isPaused = false;
    resumed.open();
    await handle.result();
    expect(activities.endings).toEqual([expect.stringMatching(/ completed$/)]);
    const { log } = await progress();
    expect(log.map(({ text }) => text)).toContain(
      'Resumed: the activity that waits for the destination failed in Temporal.',
    );
  }));
