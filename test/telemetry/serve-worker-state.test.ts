import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { request } from 'undici';
import { freeAddress } from '../../src/telemetry/free-address';
import { serveWorkerState } from '../../src/telemetry/serve-worker-state';

const opened: Server[] = [];
let state = 'RUNNING';

afterEach(() => {
  state = 'RUNNING';
  for (const server of opened.splice(0)) server.close();
});

async function anEndpoint(coreMetrics: string) {
  const workers = () => [{ taskQueue: 'requeue', state }];
  const server = await serveWorkerState({ host: '127.0.0.1', port: 0, workers, coreMetrics });
  opened.push(server);
  return async (path: string) => {
    const { statusCode, body } = await request(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    );
    return { status: statusCode, text: await body.text() };
  };
}

it('The worker serves health, readiness and the SDK’s metrics on one port', async () => {
  const exporter = createServer((incoming, response) => response.end(`served ${incoming.url}\n`));
  const [, port = ''] = (await freeAddress()).split(':');
  await new Promise<void>((listening) => exporter.listen(Number(port), '127.0.0.1', listening));
  opened.push(exporter);
  const get = await anEndpoint(`127.0.0.1:${port}`);
  expect(await get('/metrics')).toEqual({ status: 200, text: 'served /metrics\n' });
  expect(await get('/healthz')).toEqual({ status: 200, text: '{"status":"ok"}' });
  expect(await get('/readyz')).toEqual({
    status: 200,
    text: '{"status":"ready","workers":[{"taskQueue":"requeue","state":"RUNNING"}]}',
  });
  expect((await get('/nowhere')).status).toBe(404);
});

it('The worker is not ready while one of its workers does not poll', async () => {
  const get = await anEndpoint(await freeAddress());
  state = 'DRAINING';
  expect(await get('/readyz')).toMatchObject({
    status: 503,
    text: expect.stringContaining('not-ready') as string,
  });
});

it('The worker answers 503 when the metrics cannot be read, and continues', async () => {
  const get = await anEndpoint(await freeAddress());
  expect(await get('/metrics')).toEqual({
    status: 503,
    text: '{"error":"no-metrics","message":"The SDK\'s metrics exporter does not answer now."}',
  });
  expect((await get('/healthz')).status).toBe(200);
});
