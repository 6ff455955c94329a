import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { Client } from 'undici';
import { tempFolder } from '../payloads/temp-folder';
import { canTrace, requireStrace, traceNode } from '../support/strace';
import { until } from '../support/until';
import { openVolume, type Volume } from '../support/volume';
import { aDelivery, anIssue } from '../support/builders';
import { runGateway, type GatewayHarness, secret } from './gateway-harness';

const parent = tempFolder();
const main = resolve(__dirname, '../../dist/cli/main.js');
const body = (id: string, bytes = 0): string => aDelivery({ issue: anIssue({ id }) }).padEnd(bytes);
const names = (folder: string): string[] => readdirSync(folder).sort();

describe('A gateway on a disk', () => {
  let volume: Volume;
  let gateway: GatewayHarness;
  beforeEach(async () => {
    volume = openVolume(4);
    gateway = await runGateway(volume.folder, { store: (store) => volume.on(store) });
    expect(await gateway.post(body('before'))).toMatchObject({ status: 202 });
  });
  afterEach(async () => {
    await gateway.close();
    volume.remove();
  });

  const readiness = async (): Promise<string> => {
    const { status, body: state, headers } = await gateway.ask('GET', '/readyz');
    if (status === 503) expect(headers['retry-after']).toBe('5');
    return `${status} ${String(state['store'])}`;
  };
  const ready = (state: string) =>
    until(`readiness to be ${state}`, async () => (await readiness()) === state);
  const refuses = async (text: string, status: number, error: string, retryAfter: string): Promise<void> => {
    const kept = [gateway.files('deliveries'), gateway.files('inbox')];
    const answer = await gateway.post(text);
    expect(answer).toMatchObject({ status, body: { error } });
    expect(answer.headers['retry-after']).toBe(retryAfter);
    expect([gateway.files('deliveries'), gateway.files('inbox'), gateway.files('tmp')]).toEqual([
      ...kept,
      [],
    ]);
  };
  /** Waits for readiness and posts once more. @returns the issue ids of the inbox entries. */
  const recover = async (): Promise<string[]> => {
    await ready('200 ok');
    expect(await gateway.post(body('after'))).toMatchObject({ status: 202 });
    return gateway.inbox().map(({ request }) => request.issueId);
  };

  it('The gateway refuses with 507 while the disk is full, is not ready, leaves no partial file, and recovers', async () => {
    volume.fill();
    await refuses(body('full'), 507, 'store-full', '60');
    await ready('503 ENOSPC');
    expect(await gateway.ask('GET', '/healthz')).toMatchObject({ status: 200 });
    volume.free();
    expect(await recover()).toEqual(['before', 'after']);
  });

  it('The gateway keeps neither body nor entry when only the body has room', async () => {
    volume.fill(64 * 1024);
    await refuses(body('body only', 64 * 1024), 507, 'store-full', '60');
    volume.free();
    expect(await recover()).toEqual(['before', 'after']);
  });

  it('The gateway frees the space of a body when the disk gets full in its middle', async () => {
    if (!volume.real) volume.fill();
    await refuses(body('too large for it', 6 * 1024 * 1024), 507, 'store-full', '60');
    if (!volume.real) volume.free();
    expect(await recover()).toEqual(['before', 'after']);
  });

  it('The gateway refuses with 503 while the disk is read-only, and recovers', async () => {
    volume.readOnly();
    await refuses(body('read-only'), 503, 'store-unavailable', '10');
    await ready('503 EROFS');
    volume.writable();
    expect(await recover()).toEqual(['before', 'after']);
  });

  it('The gateway refuses with 503 while the disk is not mounted, writes nothing to the folder below, and recovers', async () => {
    volume.unmount();
    const answer = await gateway.post(body('nowhere'));
    expect(answer).toMatchObject({ status: 503, body: { error: 'store-unavailable' } });
    await ready('503 ENODEV');
    if (volume.real) expect(names(volume.folder)).toEqual([]);
    volume.mount();
    expect(await recover()).toEqual(['before', 'after']);
  });

  it('The gateway refuses with 503 while its store is moved away, starts no new store, and recovers', async () => {
    renameSync(gateway.folder, `${gateway.folder}-away`);
    await refuses(body('nowhere'), 503, 'store-unavailable', '10');
    await ready('503 ENOENT');
    expect(existsSync(gateway.folder)).toBe(false);
    renameSync(`${gateway.folder}-away`, gateway.folder);
    expect(await recover()).toEqual(['before', 'after']);
  });

  it('The gateway continues in an empty folder that replaced its store', async () => {
    rmSync(gateway.folder, { recursive: true });
    mkdirSync(gateway.folder);
    expect(await gateway.post(body('made again'))).toMatchObject({ status: 202 });
    await ready('200 ok');
    expect(gateway.inbox().map(({ request }) => request.issueId)).toEqual(['made again']);
  });

  it('The gateway refuses with 503 while a file is in the place of a folder, and recovers', async () => {
    const deliveries = join(gateway.folder, 'deliveries');
    rmSync(deliveries, { recursive: true });
    writeFileSync(deliveries, '');
    await refuses(body('no folder'), 503, 'store-unavailable', '10');
    rmSync(deliveries);
    expect(await recover()).toEqual(['before', 'after']);
  });
});

describe('A gateway process', () => {
  const env = (folder: string): Record<string, string> => ({
    REQUEUE_STORE: folder,
    HOST: '127.0.0.1',
    PORT: '0',
    AQ_WEBHOOK_SECRET: secret,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
  });
  const kept = (folder: string): string[] =>
    names(join(folder, 'inbox')).map(
      (name) =>
        (JSON.parse(readFileSync(join(folder, 'inbox', name), 'utf8')) as { request: { issueId: string } })
          .request.issueId,
    );
  const poster =
    (client: Client) =>
    async (text: string): Promise<{ status: number; body: Record<string, unknown> }> => {
      const headers = { 'content-type': 'application/json', 'x-aquarium-secret': secret };
      const answer = await client.request({ method: 'POST', path: '/webhook', headers, body: text });
      return { status: answer.statusCode, body: (await answer.body.json()) as Record<string, unknown> };
    };

  it('The process refuses with 503 while it has no free file descriptor, and recovers', async () => {
    const folder = mkdtempSync(join(parent, 'files-'));
    const hog = join(parent, 'hog.cjs');
    writeFileSync(hog, takesEveryFile);
    const child: ChildProcess = spawn(
      'sh',
      ['-c', 'ulimit -n 256 && exec "$0" "$@"', process.execPath, '-r', hog, main, 'gateway'],
      {
        env: { PATH: process.env['PATH'] ?? '', ...env(folder) },
        stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
      },
    );
    const ended = new Promise((done) => child.once('exit', done));
    let output = '';
    child.stdout?.on('data', (bytes: Buffer) => (output += bytes.toString()));
    const tell = (order: 'take' | 'free'): Promise<unknown> =>
      new Promise((done) => {
        child.once('message', done);
        child.send(order);
      });
    const port = await until('the gateway', () => /"port":(\d+)/.exec(output)?.[1]);
    // one connection for all requests: the gateway could not accept a new one
    const client = new Client(`http://127.0.0.1:${port}`);
    const post = poster(client);
    const readiness = async (): Promise<unknown> => {
      const answer = await client.request({ method: 'GET', path: '/readyz' });
      return [answer.statusCode, ((await answer.body.json()) as { store: unknown }).store];
    };
    try {
      expect(await post(body('before'))).toMatchObject({ status: 202 });
      await tell('take');
      expect(await post(body('none left'))).toMatchObject({
        status: 503,
        body: { error: 'store-unavailable', message: expect.stringContaining('(EMFILE)') as string },
      });
      await until('readiness to be off', async () => String(await readiness()) === '503,EMFILE');
      await tell('free');
      await until('readiness to come back', async () => String(await readiness()) === '200,ok');
      expect(await post(body('after'))).toMatchObject({ status: 202 });
      expect(kept(folder)).toEqual(['before', 'after']);
      expect(names(join(folder, 'deliveries'))).toHaveLength(2);
      expect(names(join(folder, 'tmp'))).toEqual([]);
    } finally {
      await client.destroy();
      child.kill('SIGTERM');
      await ended;
    }
  });

  function describeFailingDisk(): void {
    beforeAll(requireStrace, 300_000);

    it('The process keeps exactly what it answered with 202 when every sixth fsync fails', async () => {
      const folder = mkdtempSync(join(parent, 'eio-'));
      const traced = traceNode([main, 'gateway'], {
        file: join(parent, 'eio.trace'),
        env: { ...env(folder), UV_THREADPOOL_SIZE: '1' }, // strace counts by thread
        options: ['-e', 'trace=fsync', '-e', 'inject=fsync:error=EIO:when=3+6'],
      });
      const port = await until('the gateway', () => /"port":(\d+)/.exec(traced.output())?.[1]);
      const client = new Client(`http://127.0.0.1:${port}`);
      const post = poster(client);
      const [accepted, refused]: [string[], string[]] = [[], []];
      try {
        for (let place = 0; place < 24; place += 1) {
          const { status, body: answer } = await post(body(`issue ${place}`));
          expect([202, 503]).toContain(status);
          (status === 202 ? accepted : refused).push(`issue ${place}`);
          if (status === 503) expect(answer['message']).toContain('(EIO)');
          expect(names(join(folder, 'tmp'))).toEqual([]);
        }
      } finally {
        await client.destroy();
        await traced.end();
      }
      expect(accepted.length).toBeGreaterThan(0);
      expect(refused.length).toBeGreaterThan(0);
      expect(kept(folder)).toEqual(accepted);
      for (const name of names(join(folder, 'deliveries')))
        expect(
          createHash('sha256')
            .update(readFileSync(join(folder, 'deliveries', name)))
            .digest('hex'),
        ).toBe(name);
    });
  }
  if (canTrace)
    describe('under strace', () => {
      describeFailingDisk();
    });
});

/**
 * Loaded into the gateway's process first. On a message it takes every file descriptor, also those that the
 * gateway frees later.
 */
const takesEveryFile = `
  const fs = require('node:fs');
  const held = [];
  let taking;
  const take = () => { try { for (;;) held.push(fs.openSync('/dev/null', 'r')); } catch {} };
  process.on('message', (order) => {
    if (order === 'take') { take(); taking = setInterval(take, 1); }
    else { clearInterval(taking); for (const fd of held.splice(0)) fs.closeSync(fd); }
    process.send('done');
  });
  process.channel.unref();
`;
