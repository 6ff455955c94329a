import { connect } from 'node:net';
import { tempFolder } from '../../payloads/temp-folder';
import { until } from '../../support/until';
import { aDelivery } from '../../support/builders';
import { runGateway, secret, sendRaw } from '../gateway-harness';

const parent = tempFolder();
const buildHead = (length: number): string =>
  `POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Aquarium-Secret: ${secret}\r\nContent-Length: ${length}\r\n\r\n`;

describe('The gateway’s server', () => {
  it.each([
    ['what is no HTTP', 'nonsense\r\n\r\n', '400 Bad Request', 'not-http'],
    [
      'two lengths',
      'POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      '400 Bad Request',
      'not-http',
    ],
    [
      'a length and chunks',
      'POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      '400 Bad Request',
      'not-http',
    ],
    [
      'headers over 16 KiB',
      `POST /webhook HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      '431 Request Header Fields Too Large',
      'headers-too-large',
    ],
  ])('The server answers %s with a sentence', async (_, text, status, error) => {
    const gateway = await runGateway(parent);
    const answer = await sendRaw(gateway.port, text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status}\r\n`));
    expect(answer).toMatch(new RegExp(`\\{"error":"${error}","message":"${status.slice(4)}: [^"]+"\\}$`));
    await gateway.close();
  });

  it('The closing server waits for an upload in progress, closes idle connections, and accepts no new one', async () => {
    const gateway = await runGateway(parent);
    const idle = connect(gateway.port, '127.0.0.1');
    const idleClosed = new Promise((resolve) => idle.once('close', resolve).resume());
    const body = aDelivery();
    const socket = connect(gateway.port, '127.0.0.1');
    let answer = '';
    const ended = new Promise((resolve) =>
      socket.on('data', (bytes: Buffer) => (answer += bytes.toString())).once('close', resolve),
    );
    socket.write(buildHead(body.length) + body.slice(0, 10));
    await until('the staged file', () => gateway.files('tmp').length === 1);
    const closing = gateway.close();
    await idleClosed;
    await expect(gateway.ask('GET', '/healthz')).rejects.toThrow(/ECONNREFUSED|other side closed|ECONNRESET/);
    socket.write(body.slice(10));
    await Promise.all([closing, ended]);
    expect(answer).toMatch(/^HTTP\/1\.1 202 /);
    expect(answer).toMatch(/\r\nConnection: close\r\n/);
    expect(gateway.inbox()).toHaveLength(1);
  });

  it('The closing server ends an upload that takes too long, and keeps nothing of it', async () => {
    const gateway = await runGateway(parent, { graceMs: 100 });
    const socket = connect(gateway.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`${buildHead(1000)}{`);
    await until('the staged file', () => gateway.files('tmp').length === 1);
    await gateway.close();
    await until('the staged file to go', () => gateway.files('tmp').length === 0);
    expect(gateway.inbox()).toEqual([]);
    socket.destroy();
  });
});
