import { Worker } from '@temporalio/worker';
import { temporal } from '@temporalio/proto';
import { quiet, workflowBundle } from '../../support/harness/temporal';
import { runSeed } from '../run-seed';
import { planScenario } from '../scenario';
import type { WorkflowRun } from './run';
import { toHistory } from './to-history';
import { createSandbox, type Sandbox } from './workflow-host';

let sandbox: Sandbox;
beforeAll(async () => {
  quiet();
  sandbox = await createSandbox(workflowBundle().codePath);
});
afterAll(() => sandbox.destroy());

const seeds = Array.from({ length: 40 }, (_, at) => at + 1);

/** Kinds of events that the stand-in makes happen. */
const kinds = [
  'WORKFLOW_EXECUTION_STARTED',
  'WORKFLOW_EXECUTION_SIGNALED',
  'WORKFLOW_EXECUTION_CANCEL_REQUESTED',
  'WORKFLOW_EXECUTION_UPDATE_ACCEPTED',
  'WORKFLOW_EXECUTION_UPDATE_COMPLETED',
  'WORKFLOW_EXECUTION_COMPLETED',
  'WORKFLOW_EXECUTION_CANCELED',
  'WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
  'WORKFLOW_TASK_SCHEDULED',
  'WORKFLOW_TASK_STARTED',
  'WORKFLOW_TASK_COMPLETED',
  'WORKFLOW_TASK_FAILED',
  'ACTIVITY_TASK_SCHEDULED',
  'ACTIVITY_TASK_STARTED',
  'ACTIVITY_TASK_COMPLETED',
  'ACTIVITY_TASK_FAILED',
  'ACTIVITY_TASK_CANCEL_REQUESTED',
  'ACTIVITY_TASK_CANCELED',
  'TIMER_STARTED',
  'TIMER_FIRED',
  'TIMER_CANCELED',
  'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES',
];

it('The SDK replays the history of every simulated run, of every kind', async () => {
  const histories = (await runsOf(seeds)).map(({ workflowId, run }) => ({
    workflowId,
    history: toHistory(run),
  }));
  const seen = new Set(
    histories.flatMap(({ history }) =>
      history.events.map(({ eventType }) => temporal.api.enums.v1.EventType[eventType ?? 0]),
    ),
  );
  expect(new Set([...seen].map((kind) => (kind ?? '').replace('EVENT_TYPE_', '')))).toEqual(new Set(kinds));
  const failed: string[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle: workflowBundle() },
    histories,
  ))
    if (error) failed.push(`${workflowId}: ${error.message}`);
  expect(failed).toEqual([]);
}, 300_000);

/** The runs of these seeds that have recorded a task. Each has an id that names its seed. */
async function runsOf(chosen: readonly number[]): Promise<{ workflowId: string; run: WorkflowRun }[]> {
  const found: { workflowId: string; run: WorkflowRun }[] = [];
  for (const seed of chosen) {
    const runs = new Set<WorkflowRun>();
    await runSeed(sandbox, planScenario(seed), { onTask: (run) => void runs.add(run) });
    for (const run of runs) found.push({ workflowId: `seed-${seed}-${run.workflowId}-${run.runId}`, run });
  }
  return found;
}
