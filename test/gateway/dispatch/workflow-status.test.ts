import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Client } from '@temporalio/client';
import { signalExport } from '../../../src/gateway/dispatch/signal-export';
import { readWorkflowStatus } from '../../../src/gateway/dispatch/workflow-status';
import { exportWorkflowId } from '../../../src/temporal/names';
import { aRequest } from '../../support/requests';
import { startTemporal } from '../../support/harness/temporal';
import { endRun, resetRun } from './dispatcher-harness';

let env: TestWorkflowEnvironment;
let client: Client;
let issues = 0;

beforeAll(async () => {
  env = await startTemporal();
  client = env.client;
});
afterAll(() => env.teardown());

async function aRun(): Promise<{ issueId: string; runId: string }> {
  const issueId = `issue ${(issues += 1)}`;
  return { issueId, runId: await signal(issueId) };
}

async function signal(issueId: string): Promise<string> {
  const result = await signalExport(client, aRequest({ issueId }), 5000);
  if (result.kind !== 'signalled') throw new Error(`Not signalled: ${result.message}`);
  return result.runId;
}

const readStatus = ({ issueId, runId }: { issueId: string; runId: string }) =>
  readWorkflowStatus(client, issueId, runId, 5000);
const current = async (issueId: string) =>
  (await client.workflow.getHandle(exportWorkflowId(issueId)).describe()).runId;

it('The status of an open run is running', async () => {
  const run = await aRun();
  expect(await readStatus(run)).toEqual({ kind: 'running', runId: run.runId });
});

it('The status of a run of another database is not-found', async () => {
  const { issueId } = await aRun();
  expect(await readStatus({ issueId, runId: 'b3a4c8f0-0000-4000-8000-000000000000' })).toEqual({
    kind: 'not-found',
  });
  expect(await readStatus({ issueId: 'unknown', runId: 'b3a4c8f0-0000-4000-8000-000000000000' })).toEqual({
    kind: 'not-found',
  });
});

it.each([
  ['complete', 'COMPLETED'],
  ['fail', 'FAILED'],
] as const)('The status of a closed run states how it closed: %s', async (ending, status) => {
  const run = await aRun();
  await endRun(env, run.issueId, ending);
  expect(await readStatus(run)).toEqual({ kind: 'closed', status });
});

it('The status follows a run that continued twice to the open one', async () => {
  const run = await aRun();
  await endRun(env, run.issueId, 'continue');
  await endRun(env, run.issueId, 'continue');
  const last = await current(run.issueId);
  expect(last).not.toBe(run.runId);
  expect(await readStatus(run)).toEqual({ kind: 'running', runId: last });
});

it('The status is terminated when an operator terminated a later run of the chain, also when another chain has started', async () => {
  const run = await aRun();
  await endRun(env, run.issueId, 'continue');
  await client.workflow.getHandle(exportWorkflowId(run.issueId)).terminate('enough');
  await signal(run.issueId);
  expect(await readStatus(run)).toEqual({ kind: 'terminated' });
});

it.each(['fail', 'nothing'] as const)(
  'The status follows a run that an operator reset to the run that replaced it: %s',
  async (before) => {
    const run = await aRun();
    await endRun(env, run.issueId, before);
    const runId = await resetRun(env, run);
    expect(await readStatus(run)).toEqual({ kind: 'running', runId });
  },
);
