import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { exportProgress } from '../../src/gateway/export-progress';
import { connectClient } from '../../src/temporal/connection';
import { startTemporal } from '../support/temporal';

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await startTemporal();
});
afterAll(() => env.teardown());

it('knows nothing of an issue that was never exported', async () => {
  expect(await exportProgress(env.client, 'never')).toBeUndefined();
});

it('asks to try again when no worker answers', async () => {
  await env.client.workflow.start('ExportIssue', { workflowId: 'export-issue-unanswered', taskQueue: 'requeue', args: [] });
  await expect(exportProgress(env.client, 'unanswered')).rejects.toMatchObject({
    status: 503,
    code: 'no-worker',
    headers: { 'Retry-After': '5' },
  });
});

it('asks to try again when Temporal is away', async () => {
  const { client, connection } = connectClient({ address: '127.0.0.1:1', env: {} });
  await expect(exportProgress(client, 'any')).rejects.toMatchObject({
    status: 503,
    code: 'no-temporal',
    message: 'Temporal does not answer now; try again in a moment.',
    headers: { 'Retry-After': '5' },
  });
  await connection.close();
});
