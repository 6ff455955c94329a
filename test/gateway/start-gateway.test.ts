import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { request } from 'undici';
import type { Config } from '../../src/config/config';
import { startGateway } from '../../src/gateway/start-gateway';
import { createFolderStore } from '../../src/payloads/folder/folder-store';
import { connectClient } from '../../src/temporal/connection';
import { tempFolder } from '../payloads/temp-folder';
import { aDelivery } from '../support/builders';
import { operatorToken, secret } from './gateway-harness';

const parent = tempFolder();
const logger = pino({ level: 'silent' });
/**
 * Nothing listens on port 1. Not closed: a call that gRPC still retries would throw in a timer, and the test
 * process ends anyway.
 */
const temporal = connectClient({ address: '127.0.0.1:1', env: {} });

function buildConfig(folder: string, change: Partial<Config> = {}): Config {
  return {
    gateway: { host: '127.0.0.1', port: 0, maxBodyBytes: 1024 ** 2, publicUrl: 'http://127.0.0.1' },
    webhookSecrets: [secret],
    operators: [{ name: 'ada', token: operatorToken }],
    sandbox: { port: 0, key: 'key' },
    temporal: { port: 1, uiPort: 1, uiUrl: 'http://127.0.0.1' },
    metricsPort: 0,
    storeFolder: folder,
    destinations: [],
    routes: [],
    notices: [],
    ...change,
  };
}

describe('startGateway', () => {
  it('The gateway accepts deliveries while Temporal is down, is ready meanwhile, and replays by token', async () => {
    const folder = mkdtempSync(join(parent, 'store-'));
    const gateway = await startGateway({
      config: buildConfig(folder),
      store: createFolderStore({ folder }),
      temporal,
      logger,
    });
    const at = `http://127.0.0.1:${gateway.port}`;
    const posted = await request(`${at}/webhook`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-aquarium-secret': secret },
      body: aDelivery(),
    });
    expect(posted.statusCode).toBe(202);
    await posted.body.dump();
    const ready = await request(`${at}/readyz`);
    expect({ status: ready.statusCode, body: await ready.body.json() }).toMatchObject({
      status: 200,
      body: { status: 'ready', inbox: { waiting: 1, held: 0 } },
    });
    const [sha256] = readdirSync(join(folder, 'deliveries'));
    const replayed = await request(`${at}/api/deliveries/${sha256}/replay`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operatorToken}` },
    });
    expect(replayed.statusCode).toBe(202);
    expect(await replayed.body.json()).toMatchObject({ issueId: 'issue-1', released: false });
    expect(readdirSync(join(folder, 'inbox'))).toHaveLength(2);
    await gateway.close();
  });

  it('The gateway removes the temp files that a killed gateway left behind', async () => {
    const folder = mkdtempSync(join(parent, 'store-'));
    mkdirSync(join(folder, 'tmp'));
    writeFileSync(
      join(folder, 'tmp', `${hostname()}-${spawnSync(process.execPath, ['-e', '']).pid}-00ff.tmp`),
      'left behind',
    );
    const gateway = await startGateway({
      config: buildConfig(folder),
      store: createFolderStore({ folder }),
      temporal,
      logger,
    });
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
    await gateway.close();
  });

  it('The gateway refuses to listen beyond this machine without a secret', async () => {
    const folder = mkdtempSync(join(parent, 'store-'));
    const open = buildConfig(folder, { webhookSecrets: [] });
    const start = startGateway({
      config: { ...open, gateway: { ...open.gateway, host: '0.0.0.0' } },
      store: createFolderStore({ folder }),
      temporal,
      logger,
    });
    await expect(start).rejects.toThrow(
      'The gateway would listen on 0.0.0.0 without a webhook secret: set AQ_WEBHOOK_SECRET, or HOST=127.0.0.1 to try it out.',
    );
  });
});
