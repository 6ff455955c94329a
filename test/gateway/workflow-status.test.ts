import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Client } from '@temporalio/client';
import { signalExport } from '../../src/gateway/dispatch/signal-export';
import { readWorkflowStatus } from '../../src/gateway/dispatch/workflow-status';
import { exportWorkflowId } from '../../src/temporal/names';
import { aRequest } from '../support/requests';
import { startTemporal } from '../support/temporal';
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

const stateOf = ({ issueId, runId }: { issueId: string; runId: string }) =>
  readWorkflowStatus(client, issueId, runId, 5000);
const current = async (issueId: string) =>
  (await client.workflow.getHandle(exportWorkflowId(issueId)).describe()).runId;

it('knows a run that runs', async () => {
  const run = await aRun();
  expect(await stateOf(run)).toEqual({ kind: 'running', runId: run.runId });
});

it('does not know a run of another database', async () => {
  const { issueId } = await aRun();
  expect(await stateOf({ issueId, runId: 'b3a4c8f0-0000-4000-8000-000000000000' })).toEqual({
    kind: 'not-found',
  });
  expect(await stateOf({ issueId: 'never heard of', runId: 'b3a4c8f0-0000-4000-8000-000000000000' })).toEqual(
    { kind: 'not-found' },
  );
});

it.each([
  ['complete', 'COMPLETED'],
  ['fail', 'FAILED'],
] as const)('knows how a run closed: %s', async (ending, status) => {
  const run = await aRun();
  await endRun(env, run.issueId, ending);
  expect(await stateOf(run)).toEqual({ kind: 'closed', status });
});

it('follows a run that continued twice to the one that runs', async () => {
  const run = await aRun();
  await endRun(env, run.issueId, 'continue');
  await endRun(env, run.issueId, 'continue');
  const last = await current(run.issueId);
  expect(last).not.toBe(run.runId);
  expect(await stateOf(run)).toEqual({ kind: 'running', runId: last });
});

it('knows that a person terminated a later run of the chain, also when another chain has begun', async () => {
  const run = await aRun();
  await endRun(env, run.issueId, 'continue');
  await client.workflow.getHandle(exportWorkflowId(run.issueId)).terminate('enough');
  await signal(run.issueId);
  expect(await stateOf(run)).toEqual({ kind: 'terminated' });
});

it.each(['fail', 'nothing'] as const)(
  'follows a run that a person reset to the one that goes on from there: %s',
  async (before) => {
    const run = await aRun();
    await endRun(env, run.issueId, before);
    const runId = await resetRun(env, run);
    expect(await stateOf(run)).toEqual({ kind: 'running', runId });
  },
);
