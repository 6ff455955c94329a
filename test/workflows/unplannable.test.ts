import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { PrepareExportInput, Prepared } from '../../src/activities/contracts';
import { startTemporal } from '../support/harness/temporal';
import { withHarness } from '../support/harness/workflow-harness';
import { aRequest } from '../support/requests';
import { until } from '../support/until';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTemporal();
});
afterAll(() => env.teardown());

const because = 'receipts/ of attempt 1 at revision 0123456789ab has no receipt of labels 1-10.';

function needsPerson({ request: { issueId, revision } }: PrepareExportInput): Prepared {
  const notices = [{ name: 'team', events: ['export.paused' as const] }];
  return { kind: 'needs-person', ref: { issueId, revision, attempt: 2 }, because, notices };
}

it('A request whose plan needs a person pauses with a notice, and is planned again after a resume', () =>
  withHarness(env, async ({ activities, request, untilStage }) => {
    activities.onPrepare = needsPerson;
    const run = await request(aRequest());
    expect(await untilStage('paused')).toMatchObject({ pausedBy: 'service', pausedBecause: because });
    await run.signal('resume'); // nothing is restored yet
    await until('the second look', () => activities.prepared.length === 2);
    await untilStage('paused');
    await until('both notices', () => activities.notices.length === 2);
    expect(activities.notices[0]).toMatchObject({ event: 'export.paused', stage: 'paused', because });
    activities.onPrepare = () => undefined;
    await run.signal('resume');
    await run.result();
    expect(activities.endings).toEqual([expect.stringContaining('completed')]);
  }));

it('A request whose plan needs a person can be cancelled, and gets its report', () =>
  withHarness(env, async ({ activities, request, untilStage }) => {
    activities.onPrepare = needsPerson;
    const requested = aRequest();
    const run = await request(requested);
    await untilStage('paused');
    await run.cancel();
    await expect(run.result()).rejects.toThrow('Workflow execution cancelled');
    expect(activities.endings).toEqual([`${requested.revision} cancelled`]);
    expect(activities.chunks).toEqual([]);
  }));

it('A newer request whose plan needs a person supersedes nothing, and waits for its turn', () =>
  withHarness(env, async ({ activities, request, requestApproval, progress, untilStage }) => {
    const [older, newer] = [aRequest(), aRequest({ body: 'newer' })];
    const run = await requestApproval(older);
    activities.onPrepare = (input) =>
      input.request.requestId === newer.requestId ? needsPerson(input) : undefined;
    await request(newer);
    await until('the log entry', async () =>
      (await progress()).log.some(({ text }) => text.includes('cannot be planned yet')),
    );
    await run.signal('approve', { revision: older.revision });
    await untilStage('paused');
    expect(activities.endings).toEqual([`${older.revision} completed`]);
    activities.onPrepare = () => undefined;
    await run.signal('resume');
    await untilStage('awaiting-approval');
    await run.signal('approve', { revision: newer.revision });
    await until('both reports', () => activities.endings.length === 2);
    expect(activities.prepared.filter((input) => input.request.requestId === newer.requestId).length).toBe(3);
  }));

it('A call that looks back, and the report, name the positions that must have receipts', () =>
  withHarness(env, async ({ activities, request, untilStage }) => {
    activities.labels = 300;
    activities.onChunk = ({ from }) =>
      from === 200 && activities.chunks.length < 4
        ? { kind: 'needs-person', because: 'The key was refused (401).' }
        : undefined;
    const run = await request(aRequest());
    await untilStage('paused');
    await run.signal('resume');
    await run.result();
    const looksBack = activities.chunks.filter(({ lookBack }) => lookBack);
    expect(looksBack).toMatchObject([{ from: 200, answered: [{ from: 0, to: 200 }] }]);
    expect(activities.reports).toMatchObject([
      { known: { digits: 'd1d1d1d1d1d1', labels: 300, answered: [{ from: 0, to: 300 }] } },
    ]);
  }));
