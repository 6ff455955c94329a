import { Connection } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { ensureSearchAttributes } from '../../src/temporal/ensure-search-attributes';
import { startTemporal } from '../support/harness/temporal';

let env: TestWorkflowEnvironment;
let connection: Connection;

beforeEach(async () => {
  env = await startTemporal({ attributes: false });
  connection = await Connection.connect({ address: env.address });
});
afterEach(async () => {
  await connection.close();
  await env.teardown();
});

async function registered(): Promise<Record<string, unknown>> {
  return {
    ...(await connection.operatorService.listSearchAttributes({ namespace: 'default' })).customAttributes,
  };
}

const all = {
  AquariumIssueId: 2,
  AquariumIssueName: 2,
  AquariumProject: 2,
  ExportStage: 2,
  ExportDestination: 2,
  ExportLabels: 3,
  ExportLabelsDone: 3,
};

it('ensureSearchAttributes registers every attribute with its type, and keeps other attributes', async () => {
  await connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: { Theirs: 5 },
  });
  await ensureSearchAttributes(connection, 'default');
  expect(await registered()).toEqual({ ...all, Theirs: 5 });
});

it('ensureSearchAttributes adds only missing attributes, and is safe to repeat and to run concurrently', async () => {
  await connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: { ExportStage: 2, ExportLabels: 3 },
  });
  await Promise.all([
    ensureSearchAttributes(connection, 'default'),
    ensureSearchAttributes(connection, 'default'),
  ]);
  await ensureSearchAttributes(connection, 'default');
  expect(await registered()).toEqual(all);
});

it('ensureSearchAttributes refuses an attribute of another type, and names the command that removes it', async () => {
  await connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: { ExportLabels: 2 },
  });
  await expect(ensureSearchAttributes(connection, 'default')).rejects.toThrow(
    'Search attribute ExportLabels of namespace default has the wrong type: expected Int, got Keyword. Remove it ("temporal operator search-attribute remove --name ExportLabels"), then start again.',
  );
});
