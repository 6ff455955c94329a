import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { aRequest } from '../support/requests';
import { startTimeSkipping } from '../support/temporal';
import { withHarness } from '../support/workflow-harness';

let env: TestWorkflowEnvironment;

/** One for each test: its clock is everybody's. */
beforeEach(async () => {
  env = await startTimeSkipping();
});

afterEach(async () => {
  await env.teardown();
});

it('the deadline of a question stands still during a pause and runs on after it', () =>
  withHarness(env, async ({ activities, request, untilStage, progress }) => {
    activities.labels = 1001;
    const handle = await request(aRequest());
    await untilStage('awaiting-approval');
    await handle.signal('pause');
    await untilStage('paused');
    await env.sleep('9 days');
    expect((await progress()).stage).toBe('paused');
    await handle.signal('resume');
    await untilStage('awaiting-approval');
    await env.sleep('6 days');
    expect((await progress()).stage).toBe('awaiting-approval');
    await handle.result();
    expect(activities.endings).toEqual([expect.stringMatching(/ expired$/)]);
  }));

it('an empty name keeps up nothing', () =>
  withHarness(env, async ({ activities, request }) => {
    const handle = await request(aRequest({ issueName: '', project: '' }));
    await handle.result();
    expect(activities.endings).toEqual([expect.stringMatching(/ completed$/)]);
  }));
