import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { aRequest } from '../support/requests';
import { startTimeSkipping } from '../support/temporal';
import { withHarness } from '../support/workflow-harness';

let env: TestWorkflowEnvironment;

/** Each test has its own server, because all workflows of a server share its clock. */
beforeEach(async () => {
  env = await startTimeSkipping();
});

afterEach(async () => {
  await env.teardown();
});

it('The deadline of a question is on hold during a pause and continues after it', () =>
  withHarness(env, async ({ activities, requestApproval, untilStage, progress }) => {
    const handle = await requestApproval();
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

it('A request with empty names is exported', () =>
  withHarness(env, async ({ activities, request }) => {
    const handle = await request(aRequest({ issueName: '', project: '' }));
    await handle.result();
    expect(activities.endings).toEqual([expect.stringMatching(/ completed$/)]);
  }));
