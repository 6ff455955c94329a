import { connect, type Socket } from 'node:net';
import { aDelivery } from '../../support/builders';
import { until } from '../../support/until';
import { tempFolder } from '../../payloads/temp-folder';
import { type GatewayHarness, operatorToken, runGateway, secret } from '../gateway-harness';

const parent = tempFolder();
const auth = `Authorization: Bearer ${operatorToken}`;
let gateway: GatewayHarness;
/** Ends the answer to the list, which waits. */
let answerList: () => void = () => undefined;
let listed: Promise<void>;
/** What the download of a report throws after its first bytes. */
let fault: Error | undefined;

beforeEach(async () => {
  fault = undefined;
  listed = new Promise((resolve) => (answerList = resolve));
  gateway = await runGateway(parent, {
    api: {
      list: async () => {
        await listed;
        return { exports: [], notStarted: [], held: [], warnings: [], destinations: [] };
      },
      report: async () => ({ name: 'report.json', bytes: 1e9, content: endlessReport() }),
    },
  });
});

afterEach(() => gateway.close());

async function* endlessReport(): AsyncGenerator<Uint8Array> {
  for (let bytes = 0; bytes < 1e9; bytes += 65_536) {
    yield Buffer.alloc(65_536, ' ');
    await new Promise((resolve) => setImmediate(resolve));
    if (fault) throw fault;
  }
}

const body = aDelivery();
const upload = [
  'POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json',
  `X-Aquarium-Secret: ${secret}\r\nContent-Length: 100000\r\n\r\n${body.slice(0, 20)}`,
].join('\r\n');
const requests = {
  'in an upload': upload,
  'in an operator request': `POST /api/exports/one/pause HTTP/1.1\r\nHost: x\r\n${auth}\r\nContent-Length: 1000\r\n\r\n{`,
  'before the answer': `GET /api/exports HTTP/1.1\r\nHost: x\r\n${auth}\r\n\r\n`,
  'in a download': `GET /api/exports/one/report.json HTTP/1.1\r\nHost: x\r\n${auth}\r\n\r\n`,
};

async function send(text: string): Promise<Socket> {
  const socket = connect(gateway.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  await new Promise<void>((resolve) => socket.write(text, () => resolve()));
  return socket;
}

describe.each(Object.entries(requests))('A sender that goes away %s', (when, text) => {
  it.each([
    ['with a reset, as HAProxy does', (socket: Socket) => socket.resetAndDestroy()],
    ['with a closed connection', (socket: Socket) => socket.destroy()],
  ])('%s is one info line', async (_how, leave) => {
    const socket = await send(text);
    if (when === 'in a download') await new Promise<void>((resolve) => socket.once('data', () => resolve()));
    else await until('the request to be read', () => socket.bytesWritten === Buffer.byteLength(text));
    await gateway.ask('GET', '/healthz'); // so that the gateway has read the request
    leave(socket);
    await until('the line', () => gateway.log.length > 0);
    answerList();
    await gateway.ask('GET', '/healthz');
    expect(gateway.log).toEqual([
      expect.objectContaining({
        level: 30,
        msg: expect.stringMatching(/^The (sender|client) closed the connection/),
      }),
    ]);
  });
});

it('A report that cannot be read to its end is an error with its cause', async () => {
  const socket = await send(requests['in a download']);
  await new Promise<void>((resolve) => socket.once('data', () => resolve()));
  fault = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
  socket.resume();
  await until('the line', () => gateway.log.length > 0);
  expect(gateway.log).toEqual([
    expect.objectContaining({ level: 50, err: expect.objectContaining({ code: 'EIO' }) }),
  ]);
});
