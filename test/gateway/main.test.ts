import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { request } from 'undici';
import { type Config } from '../../src/config/config';
import { loadConfig } from '../../src/config/load-config';
import { startGateway } from '../../src/gateway/main';
import { createFolderStore } from '../../src/payloads/folder-store';
import { connectClient } from '../../src/temporal/connection';
import { tempFolder } from '../payloads/temp-folder';
import { until } from '../support/until';
import { aDelivery, operatorToken, secret } from './running-gateway';

const parent = tempFolder();
const logger = pino({ level: 'silent' });
/** Nothing listens on port 1. */
const temporal = connectClient({ address: '127.0.0.1:1', env: {} });
afterAll(() => temporal.connection.close());

function configOf(folder: string, change: Partial<Config> = {}): Config {
  const config = loadConfig({ AQ_WEBHOOK_SECRET: secret, OPERATOR_TOKENS: `ada:${operatorToken}`, REQUEUE_STORE: folder, HOST: '127.0.0.1' }, 'gateway');
  return { ...config, gateway: { ...config.gateway, port: 0 }, ...change };
}

describe('startGateway', () => {
  it('takes deliveries while Temporal is down, says so on /readyz, and replays by token', async () => {
    const folder = mkdtempSync(join(parent, 'store-'));
    const gateway = await startGateway({ config: configOf(folder), store: createFolderStore({ folder }), temporal, logger });
    const at = `http://127.0.0.1:${gateway.port}`;
    const posted = await request(`${at}/webhook`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-aquarium-secret': secret }, body: aDelivery() });
    expect(posted.statusCode).toBe(202);
    await posted.body.dump();
    const ready = await until('Temporal to be missed', async () => {
      const answer = await request(`${at}/readyz`);
      const body = (await answer.body.json()) as { temporal: { reachable: boolean }; inbox: unknown };
      return !body.temporal.reachable && { status: answer.statusCode, inbox: body.inbox };
    });
    expect(ready).toEqual({ status: 200, inbox: { waiting: 1, held: 0 } });
    const [sha256] = readdirSync(join(folder, 'deliveries'));
    const replayed = await request(`${at}/api/deliveries/${sha256}/replay`, { method: 'POST', headers: { authorization: `Bearer ${operatorToken}` } });
    expect(replayed.statusCode).toBe(202);
    expect(await replayed.body.json()).toMatchObject({ issueId: 'issue-1', released: false });
    expect(readdirSync(join(folder, 'inbox'))).toHaveLength(2);
    await gateway.close();
  }, 30_000);

  it('removes what a killed gateway left behind', async () => {
    const folder = mkdtempSync(join(parent, 'store-'));
    mkdirSync(join(folder, 'tmp'));
    writeFileSync(join(folder, 'tmp', `${hostname()}-${spawnSync(process.execPath, ['-e', '']).pid}-00ff.tmp`), 'left behind');
    const gateway = await startGateway({ config: configOf(folder), store: createFolderStore({ folder }), temporal, logger });
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
    await gateway.close();
  });

  it('refuses to listen beyond this machine without a secret', async () => {
    const folder = mkdtempSync(join(parent, 'store-'));
    const open = configOf(folder, { webhookSecrets: [] });
    const start = startGateway({ config: { ...open, gateway: { ...open.gateway, host: '0.0.0.0' } }, store: createFolderStore({ folder }), temporal, logger });
    await expect(start).rejects.toThrow('The gateway would listen on 0.0.0.0 without a webhook secret: set AQ_WEBHOOK_SECRET, or HOST=127.0.0.1 for trying it out.');
  });
});
