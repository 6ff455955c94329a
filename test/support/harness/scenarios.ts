import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { aRequest } from '../requests';
import { aDuplicate, aFailure, refusedKey, retryable } from './scripted-activities';
import { until } from '../until';
import type { Harness } from './workflow-harness';

/** One course of an export, driven to its end on a harness. Its history is stored under `test/histories/`. */
export type Scenario = (harness: Harness, env: TestWorkflowEnvironment) => Promise<void>;

/** One scenario for each outcome, and for pauses, updates and notices. Names are file names. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  completed: async ({ request }) => void (await (await request(aRequest())).result()),

  'completed-in-halves': async ({ activities, request }) => {
    activities.labels = 4;
    activities.onChunk = ({ from, to }) => {
      if (!(from <= 2 && 2 < to)) return undefined;
      if (to - from > 1) return { kind: 'bad-items' };
      return { kind: 'done', upTo: to, relabeled: 0, alreadyGone: 0, refused: 1, unconfirmed: 0 };
    };
    await (await request(aRequest())).result();
  },

  'duplicate-only': async ({ activities, request }) => {
    activities.onPrepare = aDuplicate;
    await (await request(aRequest())).result();
  },

  failed: async ({ activities, request }) => {
    activities.onPrepare = aFailure;
    await (await request(aRequest())).result();
  },

  approved: async (harness) => {
    const handle = await untilAsked(harness);
    await handle.signal('approve', { by: 'ann' });
    await handle.result();
  },

  'approved-in-part': async (harness) => {
    const requested = aRequest();
    const handle = await untilAsked(harness, requested);
    await handle.signal('approve', { upTo: 500 });
    await until('the second question', async () => {
      const seen = await harness.progress();
      return seen.stage === 'awaiting-approval' && seen.approval.upTo === 500;
    });
    await handle.signal('approve', { revision: requested.revision });
    await handle.result();
  },

  'decided-by-update': async (harness, env) => {
    const requested = aRequest();
    harness.activities.records.add('0a');
    const handle = await untilAsked(harness, requested);
    const decision = { decision: 'approve', revision: requested.revision, by: 'ann', record: '0a' };
    await env.client.workflow.getHandle(harness.workflowId).executeUpdate('decide', { args: [decision] });
    await handle.result();
  },

  'superseded-in-the-queue': async (harness) => {
    const other = aRequest({ body: 'other', project: 'another' });
    const handle = await untilAsked(harness, other);
    await harness.request(aRequest({ body: 'older' }));
    const newest = aRequest({ body: 'newest' });
    await harness.request(newest);
    await until('both in the queue', async () => (await harness.progress()).queued === 2);
    await handle.signal('approve', { revision: other.revision });
    await until('the question', async () => {
      const seen = await harness.progress();
      return seen.revision === newest.revision && seen.stage === 'awaiting-approval';
    });
    await handle.signal('approve', { revision: newest.revision });
    await handle.result();
  },

  rejected: async (harness) => {
    const handle = await untilAsked(harness);
    await handle.signal('reject', { by: 'ann', reason: 'wrong issue' });
    await handle.result();
  },

  superseded: async (harness) => {
    const newer = aRequest({ body: 'newer', receivedAt: '2027-01-01T00:00:00.000Z' });
    await untilAsked(harness);
    const handle = await harness.request(newer);
    await until('the newer one', async () => (await harness.progress()).revision === newer.revision);
    await handle.signal('approve', { revision: newer.revision });
    await handle.result();
  },

  cancelled: async (harness, env) => {
    const handle = await untilAsked(harness);
    await env.client.workflow.getHandle(harness.workflowId).cancel();
    await handle.result().catch(() => undefined);
  },

  'paused-and-resumed': async ({ activities, request, untilStage }) => {
    let refused = true;
    activities.onChunk = () => (refused ? refusedKey : undefined);
    const handle = await request(aRequest());
    await untilStage('paused');
    refused = false;
    await handle.signal('resume');
    await handle.result();
  },

  'steered-with-a-token': async (harness, env) => {
    for (const record of ['0a', '0b', '0c']) harness.activities.records.add(record);
    const handle = await untilAsked(harness);
    await handle.signal('pause', { by: 'ann', record: '0a' });
    await harness.untilStage('paused');
    await handle.signal('resume', { by: 'ann', record: '0b' });
    await harness.untilStage('awaiting-approval');
    await handle.signal('cancelling', { by: 'ann', reason: 'wrong issue', record: '0c' });
    await env.client.workflow.getHandle(harness.workflowId).cancel();
    await handle.result().catch(() => undefined);
  },

  /** The recorded run resumes the notices of a cancelled run. */
  'notices-taken-up': async (harness, env) => {
    let isTaken = false;
    harness.activities.plan = { notices: [{ name: 'team', events: ['export.awaiting-approval'] }] };
    harness.activities.onNotify = () => {
      if (!isTaken) throw retryable('It answered 500.');
    };
    const { runId } = await env.client.workflow.getHandle((await untilAsked(harness)).workflowId).describe();
    harness.activities.labels = 3;
    await harness.request(aRequest({ body: 'next', project: 'another' }));
    await until('the queued request', async () => (await harness.progress()).queued === 1);
    await env.client.workflow.getHandle(harness.workflowId, runId).cancel();
    await until('the next export', () => harness.activities.endings.length === 2);
    isTaken = true;
    await until(
      'the end',
      async () =>
        (await env.client.workflow.getHandle(harness.workflowId).describe()).status.name === 'COMPLETED',
    );
  },
};

/** Scenarios that need time to pass: for the time-skipping server. */
export const slowScenarios: Readonly<Record<string, Scenario>> = {
  'reminded-and-expired': async (harness) => {
    harness.activities.labels = 1001;
    harness.activities.plan = {
      asking: { expiresAfterMs: 3 * 86_400_000, remindEveryMs: 86_400_000, signals: 'accept' },
      notices: [{ name: 'team', events: ['export.awaiting-approval', 'export.reminder', 'export.failed'] }],
    };
    await (await harness.request(aRequest())).result();
  },

  expired: async (harness) => {
    harness.activities.labels = 1001;
    await (await harness.request(aRequest())).result();
  },
};

async function untilAsked(harness: Harness, requested = aRequest()) {
  harness.activities.plan = { inFlight: 2, ...harness.activities.plan };
  return harness.requestApproval(requested);
}
