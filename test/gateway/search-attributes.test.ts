import { Connection } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import pino from 'pino';
import { searchAttributeTypes } from '../../src/domain/search-attributes';
import { loadConfig } from '../../src/config/load-config';
import { type RunningGateway, startGateway } from '../../src/gateway/start-gateway';
import { createFolderStore } from '../../src/payloads/folder/folder-store';
import { connectClient } from '../../src/temporal/connection';
import { tempFolder } from '../payloads/temp-folder';
import { startTemporal } from '../support/harness/temporal';
import { until } from '../support/until';

const folder = tempFolder();
let env: TestWorkflowEnvironment;
let connection: Connection;
let gateway: RunningGateway | undefined;
let temporal: ReturnType<typeof connectClient>;

beforeAll(async () => {
  env = await startTemporal({ attributes: false });
  connection = await Connection.connect({ address: env.address });
  temporal = connectClient({ address: env.address, env: {} });
});
afterAll(async () => {
  await gateway?.close();
  await temporal.connection.close();
  await connection.close();
  await env.teardown();
});

// The three attributes of the start request exist, so Temporal refuses no request; without the others a run
// would hang at its first
// stage.
it('The gateway registers the search attributes that a namespace lacks when Temporal first answers, before any delivery', async () => {
  await connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: { AquariumIssueId: 2, AquariumIssueName: 2, AquariumProject: 2 },
  });
  const config = loadConfig(
    { REQUEUE_STORE: folder, PORT: '0', AQ_WEBHOOK_SECRET: 'a-secret', HOST: '127.0.0.1' },
    'gateway',
  );
  gateway = await startGateway({
    config,
    store: createFolderStore({ folder }),
    temporal,
    logger: pino({ level: 'silent' }),
  });
  const registered = await until('a new attribute', async () => {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace: 'default',
    });
    return 'ExportStage' in (customAttributes ?? {}) && Object.keys(customAttributes ?? {});
  });
  expect(new Set(registered)).toEqual(new Set(Object.keys(searchAttributeTypes)));
});
