import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectClient, connectWorker } from '../../src/temporal/connection';
import { tempFolder } from '../payloads/temp-folder';
import { startTemporalProxy } from '../support/harness/temporal-proxy';
import { until } from '../support/until';

const folder = tempFolder();
const profile = join(folder, 'temporal.toml');
writeFileSync(profile, '[profile.default]\naddress = "prod.example:7233"\nnamespace = "prod"\n');

it.each([
  ['nothing', {}, 'localhost:7233', 'default'],
  [
    'the variables',
    { TEMPORAL_ADDRESS: 'temporal.example:7233', TEMPORAL_NAMESPACE: 'labels' },
    'temporal.example:7233',
    'labels',
  ],
  ['the profile file', { TEMPORAL_CONFIG_FILE: profile }, 'prod.example:7233', 'prod'],
])('connectClient takes address and namespace from %s', async (_, env, address, namespace) => {
  const connected = connectClient({ env: { HOME: folder, ...env } });
  expect({
    address: connected.connection.options.address,
    namespace: connected.namespace,
    clientNamespace: connected.client.options.namespace,
  }).toEqual({ address, namespace, clientNamespace: namespace });
  await connected.connection.close();
});

it('connectClient reads no profile file for the server that dev started', async () => {
  const { connection, namespace } = connectClient({
    address: '127.0.0.1:1',
    env: { TEMPORAL_CONFIG_FILE: profile },
  });
  expect({ address: connection.options.address, namespace }).toEqual({
    address: '127.0.0.1:1',
    namespace: 'default',
  });
  await connection.close();
});

it('connectClient reports settings that can’t be read', () => {
  const broken = join(folder, 'broken.toml');
  writeFileSync(broken, 'not = [toml');
  expect(() => connectClient({ env: { TEMPORAL_CONFIG_FILE: broken } })).toThrow(
    /^Temporal's connection settings \(TEMPORAL_\* variables and the profile file\) cannot be read: /,
  );
});

it('Client and worker report a missing server at once, and leave nothing behind after close', async () => {
  const { client, connection } = connectClient({ address: '127.0.0.1:1', env: {} });
  await expect(client.workflowService.describeNamespace({ namespace: 'default' })).rejects.toMatchObject({
    code: 14,
  });
  await connection.close();
  await expect(connectWorker({ address: '127.0.0.1:1', env: {} })).rejects.toThrow(
    'No Temporal server answers at 127.0.0.1:1: start one, or set TEMPORAL_ADDRESS.',
  );
});

it('A call that waits for its next attempt ends when the connection is closed, without ending the process', async () => {
  const server = await startTemporalProxy('127.0.0.1:1');
  server.fault = () => ({ code: 8, message: 'too many calls' });
  const { client, connection } = connectClient({ address: server.address, env: {} });
  const called = client.workflowService
    .describeNamespace({ namespace: 'default' })
    .catch((error: unknown) => error);
  try {
    await until('a second attempt', () => server.calls.length >= 2);
  } finally {
    await connection.close();
    await server.close();
  }
  expect(await called).toMatchObject({ code: 1, details: 'Channel has been shut down' });
});
