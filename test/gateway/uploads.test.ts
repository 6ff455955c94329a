import { request as httpRequest, STATUS_CODES } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { tempFolder } from '../payloads/temp-folder';
import { until } from '../support/until';
import { aDelivery, anIssue } from '../support/builders';
import { runGateway, type GatewayHarness, secret, sendRaw } from './gateway-harness';

const parent = tempFolder();
const rate = { bytes: 100, windowMs: 300 };
let gateway: GatewayHarness;
beforeAll(async () => {
  gateway = await runGateway(parent, { maxBodyBytes: 4 * 1024 * 1024, uploadRate: rate });
});
afterAll(() => gateway.close());

function head(headers: Record<string, string | number>): string {
  const lines = Object.entries({
    Host: 'x',
    'Content-Type': 'application/json',
    'X-Aquarium-Secret': secret,
    Connection: 'close',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /webhook HTTP/1.1\r\n${lines.join('')}\r\n`;
}

async function open(text: string): Promise<{ socket: Socket; answer: () => string; closed: Promise<void> }> {
  const socket = connect(gateway.port, '127.0.0.1');
  let answer = '';
  socket.on('data', (bytes: Buffer) => (answer += bytes.toString('utf8')));
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(text);
  return { socket, answer: () => answer, closed };
}

describe('An upload', () => {
  it('The gateway refuses with 413 an upload whose announced length is over the limit', async () => {
    const answer = await sendRaw(gateway.port, head({ 'Content-Length': 4 * 1024 * 1024 + 1 }));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain(
      '"error":"body-too-large","message":"Payload Too Large: the body exceeds the limit of 4,194,304 bytes.',
    );
    expect(gateway.files('tmp')).toEqual([]);
  });

  it('The gateway refuses with 413 an upload that grows over the limit without announcing it', async () => {
    const chunk = Buffer.from(`100000\r\n${' '.repeat(0x100000)}\r\n`);
    const answer = await sendRaw(gateway.port, head({ 'Transfer-Encoding': 'chunked' }), [
      chunk,
      chunk,
      chunk,
      chunk,
      chunk,
      Buffer.from('0\r\n\r\n'),
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(gateway.files('tmp')).toEqual([]);
    expect(gateway.files('deliveries')).toEqual([]);
  });

  it('The gateway accepts an upload of exactly the limit', async () => {
    const body = aDelivery().padEnd(4 * 1024 * 1024);
    expect(await gateway.post(body)).toMatchObject({ status: 202 });
  });

  it('The gateway accepts an upload in pieces of one byte', async () => {
    const body = aDelivery({ issue: anIssue({ id: 'in pieces' }) });
    const pieces = [...Buffer.from(body)].map((byte) =>
      Buffer.from(`1\r\n${String.fromCharCode(byte)}\r\n`, 'latin1'),
    );
    const answer = await sendRaw(
      gateway.port,
      head({ 'Transfer-Encoding': 'chunked', Connection: 'close' }),
      [...pieces, Buffer.from('0\r\n\r\n')],
    );
    expect(answer).toMatch(/^HTTP\/1\.1 202 /);
  });

  it.each([
    [
      'a secret sent twice',
      { 'X-Aquarium-Secret': `${secret}\r\nX-Aquarium-Secret: ${secret}` },
      401,
      'secret-twice',
    ],
    ['a wrong secret', { 'X-Aquarium-Secret': 'wrong' }, 401, 'secret-wrong'],
    ['a wrong type', { 'Content-Type': 'text/xml' }, 415, 'not-json'],
    ['a compressed body', { 'Content-Encoding': 'gzip' }, 415, 'compressed'],
  ])(
    'A sender with %s that writes the entire body before it reads gets a sentence',
    async (_, headers, status, error) => {
      for (const size of [1000, 900 * 1024, 30 * 1024 * 1024]) {
        const phrase = error === 'secret-wrong' ? 'Bad Request' : STATUS_CODES[status];
        const answer = await sendRaw(gateway.port, head({ 'Content-Length': size, ...headers }), [
          Buffer.alloc(size, 0x20),
        ]);
        expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
        expect(answer).toMatch(/\r\nConnection: close\r\n/);
        expect(answer).toMatch(new RegExp(`\\{"error":"${error}","message":"${phrase}: [^"]+.*"\\}$`));
      }
    },
  );

  it('A sender with broken JSON at the beginning that writes the entire body before it reads gets a sentence', async () => {
    const answer = await sendRaw(gateway.port, head({ 'Content-Length': 3 * 1024 * 1024 }), [
      Buffer.alloc(3 * 1024 * 1024, 0x7d),
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain(
      '{"error":"broken-json","message":"Bad Request: the body is not valid JSON: unexpected \\"}\\" at byte 0"}',
    );
    expect(gateway.files('tmp')).toEqual([]);
  });

  it('The gateway closes the connection of a refused upload even when the sender never stops writing', async () => {
    const { socket, answer, closed } = await open(
      head({ 'Transfer-Encoding': 'chunked', 'X-Aquarium-Secret': 'wrong' }),
    );
    const dripping = setInterval(() => socket.write('1\r\nx\r\n'), 20);
    await closed;
    clearInterval(dripping);
    expect(answer()).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('The gateway refuses with 408 an upload that stalls, and keeps nothing of it', async () => {
    const { answer, closed } = await open(`${head({ 'Content-Length': 1000 })}{"event":`);
    await until('the staged file', () => gateway.files('tmp').length > 0);
    await closed;
    expect(answer()).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer()).toContain(
      '"error":"upload-stalled","message":"Request Timeout: the upload stalled after 9 bytes: fewer than 100 bytes arrived in 0.3 s. Export again."',
    );
    expect(gateway.files('tmp')).toEqual([]);
  });

  it('The gateway refuses with 408 an upload below the minimum rate', async () => {
    const { socket, answer, closed } = await open(head({ 'Content-Length': 100_000 }));
    const dripping = setInterval(() => socket.write(' '), 30);
    await closed;
    clearInterval(dripping);
    expect(answer()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('An upload above the minimum rate may take as long as it needs', async () => {
    const body = aDelivery({ issue: anIssue({ id: 'slow' }) }).padEnd(1200);
    const { socket, answer } = await open(head({ 'Content-Length': body.length }));
    for (let at = 0; at < body.length; at += 60) {
      socket.write(body.slice(at, at + 60));
      await sleep(60);
    }
    await until('the answer', () => answer() !== '');
    expect(answer()).toMatch(/^HTTP\/1\.1 202 /);
    socket.destroy();
  });

  it('An aborted upload leaves nothing behind, and the gateway accepts the next', async () => {
    const before = gateway.files('deliveries');
    const { socket, closed } = await open(
      `${head({ 'Content-Length': 3_000_000 })}${aDelivery().padEnd(2_000_000)}`,
    );
    await until('the staged file', () => gateway.files('tmp').length > 0);
    socket.destroy();
    await closed;
    await until('the staged file to go', () => gateway.files('tmp').length === 0);
    expect(gateway.files('deliveries')).toEqual(before);
    await until('the line in the log', () =>
      gateway.log.some(({ msg }) =>
        /^The sender closed the connection after [\d,]+ bytes\.$/.test(String(msg)),
      ),
    );
    expect(await gateway.post(aDelivery())).toMatchObject({ status: 202 });
  });

  it('A sender with Expect: 100-continue gets 100, or a refusal before it uploads anything', async () => {
    const ask = (headers: Record<string, string>): Promise<{ status: number; continued: boolean }> =>
      new Promise((resolve, reject) => {
        const body = aDelivery();
        const asking = httpRequest({
          port: gateway.port,
          method: 'POST',
          path: '/webhook',
          headers: {
            'content-type': 'application/json',
            'x-aquarium-secret': secret,
            'content-length': Buffer.byteLength(body),
            expect: '100-continue',
            ...headers,
          },
        });
        let continued = false;
        asking.on('continue', () => {
          continued = true;
          asking.end(body);
        });
        asking.on('response', (response) => {
          response.resume();
          resolve({ status: response.statusCode ?? 0, continued });
          asking.destroy();
        });
        asking.on('error', reject);
        asking.flushHeaders();
      });
    expect(await ask({})).toEqual({ status: 202, continued: true });
    expect(await ask({ 'x-aquarium-secret': 'wrong' })).toEqual({ status: 401, continued: false });
  });

  it('An upload may follow another on the same connection, also after a refusal at its end', async () => {
    const body = aDelivery();
    const one = `${head({ 'Content-Length': body.length, Connection: 'keep-alive' })}${body}`;
    const refused = `${head({ 'Content-Length': 2, Connection: 'keep-alive' })}[]`;
    const last = `${head({ 'Content-Length': body.length })}${body}`;
    const answers = await sendRaw(gateway.port, one + refused + one + last);
    expect(answers.match(/HTTP\/1\.1 \d{3}/g)).toEqual([
      'HTTP/1.1 202',
      'HTTP/1.1 400',
      'HTTP/1.1 202',
      'HTTP/1.1 202',
    ]);
  });
});
