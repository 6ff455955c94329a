import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startTemporal, workflowBundle } from '../support/harness/temporal';
import { compareWithServer } from './compare-with-server';
import { createSandbox, type Sandbox } from './temporal/workflow-host';

let env: TestWorkflowEnvironment;
let sandbox: Sandbox;
beforeAll(async () => {
  env = await startTemporal();
  sandbox = await createSandbox(workflowBundle().codePath);
});
afterAll(async () => {
  await sandbox.destroy();
  await env.teardown();
});

const count = Number(process.env['COMPARED_SEEDS'] ?? 10);

it('Seeds end in the same reports on the stand-in and on the real server', async () => {
  const seeds = Array.from({ length: count }, (_, at) => at + 1);
  const compared = await compareWithServer({ env, sandbox, codePath: workflowBundle().codePath }, seeds);
  expect(compared.map(({ seed, onStandIn }) => ({ seed, ends: onStandIn }))).toEqual(
    compared.map(({ seed, onServer }) => ({ seed, ends: onServer })),
  );
  expect(JSON.stringify(compared)).not.toContain('Error:');
}, 1_800_000);
