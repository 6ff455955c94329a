import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { request } from 'undici';
import { tempFolder } from '../../payloads/temp-folder';
import { aDelivery, anIssue } from '../../support/builders';
import { runGateway, secret } from '../gateway-harness';

const root = resolve(__dirname, '../../..');
const parent = tempFolder();
const store = mkdtempSync(join(parent, 'store-'));
const bodies = join(root, 'test/fixtures/bodies');
const verdicts = JSON.parse(readFileSync(join(bodies, 'verdicts.json'), 'utf8')) as Record<
  string,
  { code: string }
>;
/** The limit of the gateway's growth during any body. */
const mostGrowth = 150 * 1024 * 1024;
const head = '{"event":"issue-exported","project":"p","issue":{"id":"i","elements":[';

/** The built `requeue gateway` in its own process. */
let gateway: ChildProcess;
let port: number;

beforeAll(async () => {
  gateway = fork(join(root, 'dist/cli/main.js'), ['gateway'], {
    execArgv: ['--require', join(root, 'test/support/report-peak-memory.js')],
    env: {
      PATH: process.env['PATH'],
      HOST: '127.0.0.1',
      PORT: '0',
      AQ_WEBHOOK_SECRET: secret,
      REQUEUE_STORE: store,
      TEMPORAL_ADDRESS: '127.0.0.1:1', // no server listens there: deliveries wait in the inbox
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  port = await listening(gateway);
});

afterAll(async () => {
  const ended = once(gateway, 'exit');
  gateway.kill('SIGTERM');
  await ended;
});

async function listening(child: ChildProcess): Promise<number> {
  for await (const bytes of child.stdout!) {
    const found = /"port":(\d+),"msg":"The gateway listens\."/.exec(String(bytes));
    if (found) return Number(found[1]);
  }
  throw new Error('The gateway ended before it listened.');
}

async function mostBytes(): Promise<number> {
  gateway.send('?');
  const [answer] = (await once(gateway, 'message')) as [{ mostBytes: number }];
  return answer.mostBytes;
}

async function post(body: string | Buffer): Promise<{ status: number; body: unknown }> {
  const headers = { 'content-type': 'application/json', 'x-aquarium-secret': secret };
  const answer = await request(`http://127.0.0.1:${port}/webhook`, { method: 'POST', headers, body });
  return { status: answer.statusCode, body: await answer.body.json() };
}

/** Sends a body in chunks until it is answered. @returns the answer, and how many bytes were sent. */
async function stream(parts: Iterable<Buffer>): Promise<{ answer: string; sent: number }> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  let sent = 0;
  socket.on('data', (bytes: Buffer) => (answer += bytes.toString()));
  const closed = new Promise<void>((done) => socket.on('error', () => undefined).once('close', () => done()));
  socket.write(
    `POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Aquarium-Secret: ${secret}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );
  for (const part of parts) {
    if (answer !== '' || socket.destroyed) break;
    socket.write(`${part.length.toString(16)}\r\n`);
    socket.write(part);
    sent += part.length;
    if (!socket.write('\r\n'))
      await Promise.race([new Promise<void>((done) => socket.once('drain', () => done())), closed]);
  }
  socket.end('0\r\n\r\n');
  await closed;
  return { answer, sent };
}

function* endless(start: string, repeated: string, bytes: number): Generator<Buffer> {
  yield Buffer.from(start);
  const block = Buffer.from(repeated.repeat((64 * 1024) / repeated.length));
  for (let sent = 0; sent < bytes; sent += block.length) yield block;
}

const refused: readonly (readonly [string, string, string | Buffer])[] = [
  ['no-body', 'an empty body', ''],
  ['byte-order-mark', 'a byte order mark', `\ufeff${aDelivery()}`],
  ['bad-utf8', 'a character of Latin-1', Buffer.from(aDelivery().replace('street', 'stra\u00dfe'), 'latin1')],
  ['too-long', 'a name of 70,000 bytes', aDelivery({ project: 'x'.repeat(70_000) })],
  ['issue-id-too-long', 'an id of 2,049 bytes', aDelivery({ issue: { id: 'x'.repeat(2049) } })],
  ['unknown-event', 'an unknown event', aDelivery({ event: 'unknown '.repeat(1000) })],
  ...readdirSync(bodies)
    .filter((name) => !['taken', undefined].includes(verdicts[name]?.code))
    .map((name) => [verdicts[name]!.code, name, readFileSync(join(bodies, name))] as const),
];

it.each(refused)('The gateway answers 400 %s to %s, and accepts the next delivery', async (code, _, body) => {
  expect(await post(body)).toMatchObject({
    status: 400,
    body: { error: code, message: expect.stringMatching(/^(?=.{0,300}$)(Bad Request: )[^\p{Cc}]+$/u) },
  });
  expect(await post(aDelivery())).toMatchObject({ status: 202 });
});

it.each(['NaN', 'Infinity', '-Infinity'])(
  'The sender of %s reads in which element it is, and what to set',
  async (word) => {
    const body = aDelivery({ issue: anIssue({ elements: [{}, { custom_metrics: { m: 'WORD' } }] }) });
    expect(await post(body.replace('"WORD"', word))).toEqual({
      status: 400,
      body: {
        error: 'broken-json',
        message: expect.stringMatching(
          `^Bad Request: the body is not valid JSON: ${word} at byte \\d+, in element 1 of the issue; Python's json.dumps writes ${word} unless allow_nan=False is set, so set it, or replace the value by null`,
        ) as string,
      },
    });
  },
);

it.each([
  ['an element of 900 MB', () => endless(`${head}"`, 'x', 900 * 1024 ** 2), 'element-too-large', 4],
  ['ten million tiny elements', () => endless(`${head}0`, ',0', 20_000_000), 'too-many-elements', 4],
])(
  'The gateway answers 413 to %s before its end, needs little memory, and accepts the next delivery',
  async (_, parts, code, MiB) => {
    const before = await mostBytes();
    const { answer, sent } = await stream(parts());
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain(`"error":"${code}"`);
    expect(sent).toBeLessThan((MiB + 16) * 1024 ** 2); // the rest is in the buffers between the two, unread
    expect((await mostBytes()) - before).toBeLessThan(mostGrowth);
    expect(readdirSync(join(store, 'tmp'))).toEqual([]);
    expect(await post(aDelivery())).toMatchObject({ status: 202 });
  },
);

it('The gateway accepts a first element of a million objects without the issue’s name, in little memory', async () => {
  const before = await mostBytes();
  const body = Buffer.from(`${head}[${'{},'.repeat(1_390_000)}{}]],"x":1},"y":2}`);
  expect(await post(body)).toMatchObject({ status: 202, body: { elements: 1 } });
  expect((await mostBytes()) - before).toBeLessThan(mostGrowth);
});

it('The gateway reads a fast body 64 KiB per turn of the event loop, so that other requests get their turns', async () => {
  let written = 0;
  let largestChunk = 0;
  const local = await runGateway(parent, {
    maxBodyBytes: 64 * 1024 ** 2,
    store: (folder) => ({
      ...folder,
      stage: async () => {
        const staged = await folder.stage();
        return {
          write: async (chunk) => {
            written += chunk.length;
            largestChunk = Math.max(largestChunk, chunk.length);
            await staged.write(chunk);
          },
          flush: () => staged.flush(),
          commit: (key) => staged.commit(key),
          commitIfAbsent: (key) => staged.commitIfAbsent(key),
          discard: () => staged.discard(),
        };
      },
    }),
  });
  const turns = watchTurns(() => written);
  const element = { element_id: 'a', note: 'x'.repeat(500_000) };
  const answer = await local.post(
    aDelivery({ issue: anIssue({ elements: Array.from({ length: 64 }, () => element) }) }),
  );
  expect(answer).toMatchObject({ status: 202 });
  expect(written).toBeGreaterThan(30_000_000);
  expect(turns.stop()).toBeLessThanOrEqual(2 * (64 * 1024 + largestChunk));
  await local.close();
});

/** The maximum growth of a count in one turn of the event loop. */
function watchTurns(count: () => number): { stop(): number } {
  let last = count();
  let most = 0;
  let next: NodeJS.Immediate;
  const look = (): void => {
    most = Math.max(most, count() - last);
    last = count();
    next = setImmediate(look);
  };
  look();
  return {
    stop: () => {
      clearImmediate(next);
      return most;
    },
  };
}
