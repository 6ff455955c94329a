import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { aGate } from '../support/gate';
import { aRequest } from '../support/requests';
import { aDuplicate } from '../support/harness/scripted-activities';
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

it('A repetition that arrives while a duplicate is added to its report is reported too', () =>
  withHarness(env, async ({ activities, request }) => {
    const door = aGate();
    activities.onPrepare = aDuplicate;
    activities.onReport = () => door.opened;
    const first = aRequest();
    const repetition = aRequest();
    const handle = await request(first);
    await until('the report', () => activities.reports.length === 1);
    await request(repetition);
    await handle.query('progress');
    door.open();
    await handle.result();
    expect(activities.reportedIds).toEqual([first.requestId, repetition.requestId]);
  }));

it('A repetition of an older request that arrives while older ones are superseded is not lost', () =>
  withHarness(env, async ({ activities, request }) => {
    const [planning, reporting] = [aGate(), aGate()];
    const oldest = aRequest({ body: 'oldest' });
    const older = aRequest({ body: 'older' });
    const newest = aRequest({ body: 'newest' });
    activities.onPrepare = () => planning.opened.then(() => undefined);
    activities.onReport = () => reporting.opened;
    const handle = await request(oldest);
    await request(older);
    await request(newest);
    planning.open();
    await until('the first report', () => activities.reports.length === 1);
    const again = aRequest({ body: 'older' });
    await request(again);
    await handle.query('progress');
    reporting.open();
    await handle.result();
    expect(activities.reportedIds).toContain(again.requestId);
  }));

it('A superseded request never supersedes a newer one with the same body', () =>
  withHarness(env, async ({ activities, request, untilStage }) => {
    const late = aRequest({ body: 'first body' });
    const current = aRequest({ body: 'second body' });
    const newest = aRequest({ body: 'first body' });
    activities.labels = 1001;
    const handle = await request(current);
    await untilStage('awaiting-approval');
    await request(late);
    await request(newest);
    await handle.query('progress');
    await handle.signal('approve', { revision: current.revision });
    await handle.signal('approve', { revision: newest.revision });
    await handle.result();
    const superseded = activities.reports.flatMap((report) =>
      report.kind !== 'duplicates' && report.outcome === 'superseded'
        ? [report.request.requestId, ...report.also]
        : [],
    );
    expect(superseded).not.toContain(newest.requestId);
  }));

it('A request that sent labels before the database was lost is never superseded, wherever it is in the queue', () =>
  withHarness(env, async ({ activities, request }) => {
    const planning = aGate();
    const [first, middle, last] = ['first', 'middle', 'last'].map((body) => aRequest({ body }));
    activities.onPrepare = async (input) => {
      await planning.opened;
      return activities.makePlan(input, {
        touchedUpTo: input.request.requestId === middle?.requestId ? 100 : 0,
      });
    };
    const handle = await request(first!);
    await request(middle!);
    await request(last!);
    await handle.query('progress');
    planning.open();
    await handle.result();
    expect(activities.endings).toContain(`${middle?.revision} completed`);
    expect(activities.endings).not.toContain(`${middle?.revision} superseded`);
  }));

it('A request that has sent labels is not superseded when the request before it was a duplicate', () =>
  withHarness(env, async ({ activities, request }) => {
    const planning = aGate();
    const [first, middle, last] = ['first', 'middle', 'last'].map((body) => aRequest({ body }));
    activities.onPrepare = async (input) => {
      await planning.opened;
      const { requestId, issueId, revision } = input.request;
      if (requestId === first?.requestId)
        return { kind: 'duplicate', ref: { issueId, revision, attempt: 1 }, outcome: 'completed' };
      return activities.makePlan(input, { touchedUpTo: requestId === middle?.requestId ? 100 : 0 });
    };
    const handle = await request(first!);
    await request(middle!);
    await request(last!);
    await handle.query('progress');
    planning.open();
    await handle.result();
    expect(activities.endings).not.toContain(`${middle?.revision} superseded`);
  }));

it('A repetition of a revision that waits for approval never supersedes it, also behind another project', () =>
  withHarness(env, async ({ activities, request, requestApproval, progress }) => {
    const waiting = aRequest({ body: 'waiting' });
    const other = aRequest({ body: 'other', project: 'other-project' });
    const again = aRequest({ body: 'waiting' });
    const handle = await requestApproval(waiting);
    await request(other);
    await request(again);
    await until('the repetition is looked at', async () => {
      const seen = await progress();
      return activities.reports.length > 0 || seen.queued === 1;
    });
    expect(activities.endings).toEqual([]);
    await handle.terminate();
  }));

it('A repetition without force never supersedes a forced request of the same revision', () =>
  withHarness(env, async ({ activities, request, requestApproval, progress }) => {
    const forced = aRequest({ force: true });
    const repetition = aRequest();
    const handle = await requestApproval(forced);
    await request(repetition);
    await until('the repetition is looked at', async () => {
      const seen = await progress();
      return activities.reports.length > 0 || seen.queued === 0;
    });
    expect(activities.endings).toEqual([]);
    await handle.terminate();
  }));

it('A request that was approved early is not superseded in the queue', () =>
  withHarness(env, async ({ activities, request }) => {
    const sending = aGate();
    const first = aRequest({ body: 'first', project: 'other-project' });
    const approved = aRequest({ body: 'approved' });
    const newer = aRequest({ body: 'newer' });
    activities.onChunk = async () => sending.opened.then(() => undefined);
    const handle = await request(first);
    await until('its call', () => activities.chunks.length === 1);
    await request(approved);
    await handle.signal('approve', { revision: approved.revision, by: 'ann' });
    await request(newer);
    await handle.query('progress');
    sending.open();
    await handle.result();
    expect(activities.endings).not.toContain(`${approved.revision} superseded`);
  }));

it('Progress shows nothing of the export before while the next plan is made', () =>
  withHarness(env, async ({ activities, request, progress }) => {
    const planning = aGate();
    const sending = aGate();
    const first = aRequest({ body: 'first' });
    const second = aRequest({ body: 'second' });
    activities.onPrepare = async (input) => {
      if (input.request.revision === second.revision) await planning.opened;
      return undefined;
    };
    activities.onChunk = async () => sending.opened.then(() => undefined);
    const handle = await request(first);
    await until('a call', () => activities.chunks.length === 1);
    await request(second);
    sending.open();
    const seen = await until('the second', async () => {
      const now = await progress();
      return now.revision === second.revision && now;
    });
    planning.open();
    await handle.result();
    expect(seen.labels).toEqual({
      planned: 0,
      relabeled: 0,
      alreadyGone: 0,
      refused: 0,
      unconfirmed: 0,
      withheld: 0,
    });
  }));

it('A request whose plan is being made does not wait behind itself', () =>
  withHarness(env, async ({ activities, request, progress }) => {
    const planning = aGate();
    activities.onPrepare = () => planning.opened.then(() => undefined);
    const handle = await request(aRequest());
    await until('the plan', () => activities.prepared.length === 1);
    const { queued } = await progress();
    planning.open();
    await handle.result();
    expect(queued).toBe(0);
  }));

it('The list of exports shows the name of the export that superseded another', () =>
  withHarness(env, async ({ activities, request, untilStage, progress, workflowId }) => {
    activities.labels = 1001;
    await request(aRequest({ body: 'older', issueName: 'Blurred plates' }));
    await untilStage('awaiting-approval');
    const newer = aRequest({ body: 'newer', issueName: 'Blurred plates, renamed' });
    const handle = await request(newer);
    await until('the newer one', async () => {
      const seen = await progress();
      return seen.revision === newer.revision && seen.stage === 'awaiting-approval';
    });
    const { searchAttributes } = await env.client.workflow.getHandle(workflowId).describe();
    expect(searchAttributes['AquariumIssueName']).toEqual([newer.issueName]);
    await handle.terminate();
  }));

it('The number of labels done is shown every 5 s and at the end, not with every small export', () =>
  withHarness(env, async ({ activities, request }) => {
    activities.labels = 50;
    const handle = await request(aRequest());
    await handle.result();
    const { events } = await handle.fetchHistory();
    const shown = (events ?? []).flatMap(({ upsertWorkflowSearchAttributesEventAttributes: upsert }) => {
      const payload = upsert?.searchAttributes?.indexedFields?.['ExportLabelsDone'];
      return payload ? [Buffer.from(payload.data ?? []).toString()] : [];
    });
    expect(shown).toEqual(['0', '50']);
  }));
