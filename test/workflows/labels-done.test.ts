import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { noOutcomes } from '../../src/domain/label-outcome';
import { aGate } from '../support/gate';
import { aRequest } from '../support/requests';
import { refusedKey } from '../support/harness/scripted-activities';
import { startTemporal } from '../support/harness/temporal';
import { until } from '../support/until';
import { withHarness } from '../support/harness/workflow-harness';

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await startTemporal();
});

afterAll(async () => {
  await env?.teardown();
});

/** The number of labels done that Temporal's list shows. */
const listed = async (workflowId: string) =>
  (await env.client.workflow.getHandle(workflowId).describe()).searchAttributes['ExportLabelsDone']?.[0];

it('The list shows every label that was done when an operator paused the export', () =>
  withHarness(env, async ({ activities, request, untilStage, progress, workflowId }) => {
    activities.labels = 1050;
    activities.plan = { inFlight: 2, approvalAbove: 2000 };
    const gate = aGate();
    activities.onChunk = async ({ from }) => (from >= 800 ? gate.opened.then(() => undefined) : undefined);
    const handle = await request(aRequest());
    await until('the last calls', () => activities.chunks.length === 10);
    await handle.signal('pause');
    await progress();
    gate.open();
    await untilStage('paused');
    expect(await listed(workflowId)).toBe(1000);
    await handle.terminate();
  }));

it('The list shows every label that was done when the labeling service paused the export', () =>
  withHarness(env, async ({ activities, request, untilStage, workflowId }) => {
    activities.labels = 500;
    activities.plan = { inFlight: 1 };
    activities.onChunk = ({ from }) => (from === 300 ? refusedKey : undefined);
    const handle = await request(aRequest());
    await untilStage('paused');
    expect(await listed(workflowId)).toBe(300);
    await handle.terminate();
  }));

it('The list shows every label that was done when the next question is asked', () =>
  withHarness(env, async ({ requestApproval, progress, workflowId }) => {
    const handle = await requestApproval();
    await handle.signal('approve', { upTo: 700 });
    await until('the second question', async () => {
      const { approval, stage } = await progress();
      return approval.question === 2 && stage === 'awaiting-approval';
    });
    expect(await listed(workflowId)).toBe(700);
    await handle.terminate();
  }));

it('The list shows the labels of an earlier run as done while the rest waits for approval', () =>
  withHarness(env, async ({ activities, request, untilStage, workflowId }) => {
    activities.labels = 1500;
    const counts = { ...noOutcomes, relabeled: 299, refused: 1 };
    activities.plan = { touchedUpTo: 300, finished: { upTo: 300, chunks: 3, counts } };
    const handle = await request(aRequest());
    await untilStage('awaiting-approval');
    expect(await listed(workflowId)).toBe(300);
    await handle.terminate();
  }));

it('The list shows the labels that are done while the last call waits', () =>
  withHarness(env, async ({ activities, request, workflowId }) => {
    activities.labels = 1000;
    activities.plan = { inFlight: 8 };
    const gate = aGate();
    activities.onChunk = async ({ from }) => (from >= 900 ? gate.opened.then(() => undefined) : undefined);
    const handle = await request(aRequest());
    await until('the labels of the other calls', async () => (await listed(workflowId)) === 900);
    expect(activities.chunks).toHaveLength(10);
    gate.open();
    await handle.result();
  }));
