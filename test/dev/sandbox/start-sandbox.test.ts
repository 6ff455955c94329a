import { request } from 'node:http';
import { until } from '../../support/until';
import { key, sandboxes } from './sandbox-client';

const start = sandboxes();

/** Like `fetch`, which can't set a Host header. */
function statusFor(
  port: number,
  headers: Record<string, string>,
  path = '/ledger',
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path, headers }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
}

describe('the sandbox', () => {
  it('shows the received mutations on its page, newest first and escaped', async () => {
    const sandbox = await start();
    await sandbox.relabel(['a'], { project: 'first' });
    await sandbox.relabel(['a', 'b'], { project: '<script>alert(1)</script>' });
    const response = await fetch(sandbox.url);
    const page = await response.text();
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page).toContain('2 mutations, 3 labels requeued.');
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toContain('<script>');
    expect(page.indexOf('&lt;script')).toBeLessThan(page.indexOf('first'));
  });

  it('answers [] for an empty ledger, as JSON', async () => {
    const sandbox = await start();
    const response = await fetch(`${sandbox.url}/ledger`);
    expect([response.headers.get('content-type'), await response.json()]).toEqual([
      'application/json; charset=utf-8',
      [],
    ]);
  });

  it('names its endpoints for every other path and method', async () => {
    const sandbox = await start();
    for (const [method, path] of [
      ['GET', '/graphql'],
      ['POST', '/ledger'],
      ['GET', '/constructor'],
      ['GET', '/favicon.ico'],
    ] as const) {
      const response = await fetch(`${sandbox.url}${path}`, { method });
      expect([path, response.status, await response.json()]).toEqual([
        path,
        404,
        { errors: [{ message: expect.stringContaining('POST /graphql') as string }] },
      ]);
    }
  });

  it('listens on loopback and answers only to loopback’s names', async () => {
    const sandbox = await start();
    expect(sandbox.url).toBe(`http://127.0.0.1:${sandbox.port}`);
    for (const host of [`localhost:${sandbox.port}`, '127.0.0.1', '[::1]:80', 'LOCALHOST'])
      expect([host, await statusFor(sandbox.port, { host })]).toEqual([host, 200]);
    for (const host of ['rebound.example', '127.0.0.1.rebound.example', 'localhost.rebound.example:80'])
      expect([host, await statusFor(sandbox.port, { host })]).toEqual([host, 403]);
  });

  it('answers to any name when it listens on another address', async () => {
    const sandbox = await start({ host: '0.0.0.0' });
    expect(sandbox.url).toBe(`http://127.0.0.1:${sandbox.port}`);
    expect(await statusFor(sandbox.port, { host: 'sandbox.internal' })).toBe(200);
  });

  it('does not answer requests from pages of other sites', async () => {
    const sandbox = await start();
    expect(await statusFor(sandbox.port, { 'sec-fetch-site': 'cross-site' }, '/faults')).toBe(403);
    expect(await statusFor(sandbox.port, { 'sec-fetch-site': 'same-origin' }, '/faults')).toBe(200);
  });

  it('refuses a body that is not JSON and a body over its limit, and keeps answering', async () => {
    const sandbox = await start();
    const post = (body: string | Buffer) =>
      fetch(`${sandbox.url}/graphql`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body,
      });
    expect((await post('{')).status).toBe(400);
    const tooLarge = await post(Buffer.alloc(64 * 1024 * 1024 + 1, 32)).then(
      ({ status }) => status,
      () => 'reset',
    );
    expect([413, 'reset']).toContain(tooLarge);
    expect((await sandbox.relabel(['a'])).status).toBe(200);
  });

  it('fails with the port that is in use', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('closes while a call waits and another hangs, and closes twice without an error', async () => {
    const sandbox = await start();
    await sandbox.addFault([{ kind: 'slow', delayMs: 600_000, times: 1 }, { kind: 'hang' }]);
    const calls = Promise.allSettled([sandbox.relabel(['a']), sandbox.relabel(['b'])]);
    await until(
      'both calls to arrive',
      async () => (await sandbox.faults()).faults.map(({ hits }) => hits).join() === '1,2',
    );
    await sandbox.close();
    expect((await calls).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await sandbox.close();
  });
});
