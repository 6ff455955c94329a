import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { type Scenario, scenarios, slowScenarios } from '../support/scenarios';
import { startTemporal, startTimeSkipping } from '../support/temporal';
import { withHarness } from '../support/workflow-harness';

/**
 * Records a history of each scenario from a real server: `npm run record-histories`. Give names to record only those. A stored
 * history belongs to a workflow shape that ran somewhere, and stays: a new shape has a folder of its own.
 */
async function record(
  env: TestWorkflowEnvironment,
  wanted: Readonly<Record<string, Scenario>>,
): Promise<void> {
  const only = (process.env['SCENARIOS'] ?? '').split(',').filter(Boolean);
  for (const [name, scenario] of Object.entries(wanted)) {
    if (only.length > 0 && !only.includes(name)) continue;
    await withHarness(env, async (harness) => {
      await scenario(harness, env);
      const history = await env.client.workflow.getHandle(harness.workflowId).fetchHistory();
      writeFileSync(
        join(resolve(__dirname, '../histories/next'), `${name}.json`),
        `${historyToJSON(history)}\n`,
      );
    });
  }
}

it('records', async () => {
  const live = await startTemporal();
  await record(live, scenarios);
  await live.teardown();
  const skipping = await startTimeSkipping();
  await record(skipping, slowScenarios);
  await skipping.teardown();
}, 120_000);
