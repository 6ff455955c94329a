import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { type Scenario, scenarios, slowScenarios } from '../support/harness/scenarios';
import { startTemporal, startTimeSkipping } from '../support/harness/temporal';
import { withHarness } from '../support/harness/workflow-harness';

/**
 * Records a history of each scenario from a real server: `npm run record-histories`. SCENARIOS=expired,failed
 * records only those. No version is released yet, so a changed workflow shape records `next` again; release
 * 1.0 freezes it.
 */
async function record(
  env: TestWorkflowEnvironment,
  selected: Readonly<Record<string, Scenario>>,
): Promise<void> {
  const only = (process.env['SCENARIOS'] ?? '').split(',').filter(Boolean);
  for (const [name, scenario] of Object.entries(selected)) {
    if (only.length > 0 && !only.includes(name)) continue;
    await withHarness(env, async (harness) => {
      await scenario(harness, env);
      const history = await env.client.workflow.getHandle(harness.workflowId).fetchHistory();
      writeFileSync(
        join(resolve(__dirname, '../histories/next'), `${name}.json`),
        `${withoutStackTraces(historyToJSON(history))}\n`,
      );
    });
  }
}

/** A stack trace names folders of the machine that recorded it, and a replay does not need it. */
function withoutStackTraces(history: string): string {
  return history.replace(/("stackTrace": )"(?:[^"\\]|\\.)*"/g, '$1""');
}

it('The scenarios are recorded', async () => {
  const live = await startTemporal();
  await record(live, scenarios);
  await live.teardown();
  const skipping = await startTimeSkipping();
  await record(skipping, slowScenarios);
  await skipping.teardown();
}, 120_000);
