import { readdirSync, readlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tempFolder } from '../../payloads/temp-folder';
import { until } from '../../support/until';
import { aDelivery, anIssue } from '../../support/builders';
import { runGateway, type GatewayHarness, secret, sendRaw } from '../gateway-harness';

const parent = tempFolder({ inMemory: true });
let gateway: GatewayHarness;
beforeAll(async () => {
  gateway = await runGateway(parent, { headersMs: 1000 });
});
afterAll(() => gateway.close());

const body = (id: string): string => aDelivery({ issue: anIssue({ id }) });

function head(headers: Record<string, string | number>): string {
  const all = { Host: 'x', 'Content-Type': 'application/json', 'X-Aquarium-Secret': secret, ...headers };
  return `POST /webhook HTTP/1.1\r\n${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;
}

const whole = (text: string, headers: Record<string, string | number> = {}): string =>
  `${head({ 'Content-Length': Buffer.byteLength(text), ...headers })}${text}`;
const closing = { Connection: 'close' };
const statuses = (answers: string): string[] =>
  [...answers.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status ?? '');
const errors = (answers: string): string[] =>
  [...answers.matchAll(/"error":"([a-z-]+)"/g)].map(([, name]) => name ?? '');
const ids = (of: GatewayHarness): string[] => of.inbox().map(({ request }) => request.issueId);

interface Held {
  readonly socket: Socket;
  readonly answer: () => string;
  readonly closed: () => boolean;
}

/** Opens a connection, writes `text`, and keeps it open. */
async function hold(text: string, port = gateway.port): Promise<Held> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  let closed = false;
  socket.on('data', (bytes: Buffer) => (answer += bytes.toString('utf8'))).on('error', () => undefined);
  socket.once('close', () => (closed = true));
  await new Promise<void>((resolve) => socket.once('connect', resolve).once('close', () => resolve()));
  if (text !== '') socket.write(text);
  return { socket, answer: () => answer, closed: () => closed };
}

const holdMany = (count: number, text: string, port = gateway.port): Promise<Held[]> =>
  Promise.all(Array.from({ length: count }, () => hold(text, port)));

function release(held: readonly Held[]): void {
  for (const { socket } of held) socket.destroy();
}

/** Counts the open sockets of this process, and its open files in the store. */
function openFiles(folder: string): { sockets: number; files: number } {
  const links = readdirSync('/dev/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return []; // closed meanwhile, or a system without /proc
    }
  });
  return {
    sockets: links.filter((link) => link.startsWith('socket:')).length,
    files: links.filter((link) => link.startsWith(folder)).length,
  };
}

describe('Many requests written at once', () => {
  it('The gateway answers them one by one in their order, and stores them in that order', async () => {
    for (const count of [2, 100]) {
      const before = ids(gateway).length;
      const texts = Array.from({ length: count }, (_, place) =>
        whole(body(`at-once-${count}-${place}`), place === count - 1 ? closing : {}),
      );
      const answers = await sendRaw(gateway.port, texts.join(''));
      expect(statuses(answers)).toEqual(texts.map(() => '202'));
      expect(ids(gateway).slice(before)).toEqual(texts.map((_, place) => `at-once-${count}-${place}`));
    }
    expect(gateway.files('tmp')).toEqual([]);
  });

  it.each([
    ['a wrong secret', whole(body('refused'), { 'X-Aquarium-Secret': 'wrong' }), '401'],
    ['broken JSON', whole('{"event":'), '400'],
    ['a wrong type', whole(body('refused'), { 'Content-Type': 'text/plain' }), '415'],
    ['an unknown address', whole(body('refused')).replace('/webhook', '/elsewhere'), '404'],
  ])('The gateway continues behind a request with %s', async (_, refused, status) => {
    const answers = await sendRaw(
      gateway.port,
      whole(body('first')) + refused + whole(body('last'), closing),
    );
    expect(statuses(answers)).toEqual(['202', status, '202']);
    expect(ids(gateway).slice(-2)).toEqual(['first', 'last']);
  });

  it('The gateway closes the connection after the first request that asks for it, and stores no request behind it', async () => {
    const before = ids(gateway).length;
    const answers = await sendRaw(gateway.port, whole(body('last one'), closing) + whole(body('behind it')));
    expect(statuses(answers)).toEqual(['202']);
    expect(ids(gateway).slice(before)).toEqual(['last one']);
  });

  it.each([
    ['what is no HTTP', 'nonsense\r\n\r\n', '400', 'not-http'],
    ['a length and chunks', head({ 'Content-Length': 5, 'Transfer-Encoding': 'chunked' }), '400', 'not-http'],
    ['headers over 16 KiB', head({ X: 'x'.repeat(20_000) }), '431', 'headers-too-large'],
    ['broken chunks', `${head({ 'Transfer-Encoding': 'chunked' })}5\r\n{"eve\r\nzz\r\n`, '400', 'not-http'],
  ])(
    'The gateway answers the complete requests before it refuses %s at the end',
    async (_, text, status, error) => {
      const before = ids(gateway).length;
      const answers = await sendRaw(gateway.port, whole(body('kept 1')) + whole(body('kept 2')) + text);
      expect(statuses(answers)).toEqual(['202', '202', status]);
      expect(errors(answers)).toEqual([error]);
      expect(ids(gateway).slice(before)).toEqual(['kept 1', 'kept 2']);
      await until('the temp file to go', () => gateway.files('tmp').length === 0);
    },
  );

  it('The gateway holds one temp file per connection, however many requests wait', async () => {
    let most = 0;
    const looking = setInterval(() => (most = Math.max(most, gateway.files('tmp').length)), 1);
    const texts = Array.from({ length: 60 }, (_, place) => whole(body('many'), place === 59 ? closing : {}));
    expect(statuses(await sendRaw(gateway.port, texts.join('')))).toHaveLength(60);
    clearInterval(looking);
    expect(most).toBeLessThanOrEqual(2); // body and inbox entry
  });
});

describe('A request that is not honest HTTP', () => {
  const text = body('smuggled');
  const chunked = `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n0\r\n\r\n`;
  const inner = whole(body('inner'), closing);

  it.each([
    ['a negative length', head({ 'Content-Length': -5 }) + text],
    ['a length that is no number', head({ 'Content-Length': '0x10' }) + text],
    ['a length with a sign', head({ 'Content-Length': `+${text.length}` }) + text],
    ['a list of lengths', head({ 'Content-Length': `${text.length}, ${text.length}` }) + text],
    ['a length past 2^64', head({ 'Content-Length': '99999999999999999999999' }) + text],
    [
      'the same length twice',
      head({ 'Content-Length': `${text.length}\r\nContent-Length: ${text.length}` }) + text,
    ],
    [
      'another length behind it',
      head({ 'Content-Length': `${text.length}\r\nContent-Length: 0` }) + text + inner,
    ],
    ['a length before chunks', head({ 'Content-Length': 4, 'Transfer-Encoding': 'chunked' }) + chunked],
    ['chunks before a length', head({ 'Transfer-Encoding': 'chunked', 'Content-Length': 4 }) + chunked],
    [
      'a length and misspelled chunks',
      head({ 'Content-Length': 4, 'Transfer-Encoding': 'xchunked' }) + chunked,
    ],
    ['chunks that are not the last coding', head({ 'Transfer-Encoding': 'chunked, identity' }) + chunked],
    ['a space before the colon', head({ 'Transfer-Encoding ': 'chunked' }) + chunked],
    ['a header without a name', head({ '': 'x' }) + chunked],
    ['a folded header', head({ 'Transfer-Encoding': '\r\n chunked', 'Content-Length': 4 }) + chunked],
    ['a NUL in a header', head({ X: 'a\0b', 'Content-Length': 0 })],
    ['a bare CR in a header', head({ X: 'a\rTransfer-Encoding: chunked', 'Content-Length': 0 })],
    ['a bare LF', whole(text).replaceAll('\r\n', '\n')],
    ['no host', whole(text).replace('Host: x\r\n', '')],
    ['a chunk with a negative size', `${head({ 'Transfer-Encoding': 'chunked' })}-5\r\n${text}`],
    ['a chunk longer than its size', `${head({ 'Transfer-Encoding': 'chunked' })}3\r\n${text}\r\n0\r\n\r\n`],
    ['a chunk size past 2^64', `${head({ 'Transfer-Encoding': 'chunked' })}fffffffffffffffff\r\n${text}`],
    ['a space behind a chunk size', `${head({ 'Transfer-Encoding': 'chunked' })}5 \r\n${text}`],
    ['an unknown method', whole(text).replace('POST', 'STEAL')],
    ['another protocol', whole(text).replace('HTTP/1.1', 'HTTP/3.0')],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('The gateway answers one 400 to %s, and stores nothing', async (_, request) => {
    const before = ids(gateway).length;
    const answers = await sendRaw(gateway.port, request);
    expect(statuses(answers)).toEqual(['400']);
    expect(errors(answers)).toEqual([expect.stringMatching(/^(not-http|cut-off)$/)]);
    expect(answers).toMatch(/\r\nConnection: close\r\n/);
    expect(ids(gateway)).toHaveLength(before);
    await until('the temp file to go', () => gateway.files('tmp').length === 0);
  });

  it('The gateway refuses a body with too short a length as broken JSON, and takes the rest for no second delivery', async () => {
    const before = ids(gateway).length;
    const answers = await sendRaw(gateway.port, head({ 'Content-Length': text.length - 10 }) + text);
    expect(statuses(answers)).toEqual(['400', '400']);
    expect(errors(answers)).toEqual(['broken-json', 'not-http']);
    expect(ids(gateway)).toHaveLength(before);
  });

  it('The gateway answers that a body with too long a length was cut off when the sender ends', async () => {
    const { socket, answer, closed } = await hold(head({ 'Content-Length': text.length + 10 }) + text);
    socket.end();
    await until('the end of the connection', closed);
    expect(statuses(answer())).toEqual(['400']);
    expect(errors(answer())).toEqual(['cut-off']);
    await until('the temp file to go', () => gateway.files('tmp').length === 0);
  });

  it('The gateway takes a delivery inside the body of another for a part of that body', async () => {
    const before = ids(gateway).length;
    const answers = await sendRaw(gateway.port, whole(inner, closing));
    expect(statuses(answers)).toEqual(['400']);
    expect(ids(gateway)).toHaveLength(before);
  });

  it('The gateway sees a second secret behind 2,000 headers', async () => {
    const many = Array.from({ length: 2200 }, () => 'a:b\r\n').join('');
    const answers = await sendRaw(
      gateway.port,
      whole(text, closing).replace('\r\n\r\n', `\r\n${many}X-Aquarium-Secret: ${secret}\r\n\r\n`),
    );
    expect(errors(answers)).toEqual(['secret-twice']);
  });

  it('The gateway ignores an unknown expectation, and answers 100 to Expect: 100-continue first', async () => {
    expect(
      statuses(await sendRaw(gateway.port, whole(body('expected'), { Expect: 'a-miracle', ...closing }))),
    ).toEqual(['202']);
    expect(
      statuses(await sendRaw(gateway.port, whole(body('expected'), { Expect: '100-continue', ...closing }))),
    ).toEqual(['100', '202']);
  });

  it('The gateway accepts chunks with an extension and trailers', async () => {
    const size = Buffer.byteLength(text).toString(16);
    const request = `${head({ 'Transfer-Encoding': 'chunked', ...closing })}${size};name=value\r\n${text}\r\n0\r\nX-Sum: 1\r\n\r\n`;
    expect(statuses(await sendRaw(gateway.port, request))).toEqual(['202']);
  });

  it('The gateway accepts 16,000 bytes of headers', async () => {
    expect(statuses(await sendRaw(gateway.port, whole(text, { X: 'x'.repeat(15_800), ...closing })))).toEqual(
      ['202'],
    );
  });
});

describe('Connections that are held open', () => {
  it('Idle, slow, refused and aborted senders keep no honest delivery from its 202, and leave nothing behind', async () => {
    const before = openFiles(gateway.folder);
    const inboxBefore = gateway.inbox().length;
    const held = [
      ...(await holdMany(100, '')),
      ...(await holdMany(100, 'POST /webhook HTTP/1.1\r\nHost: x\r\nX-Slow: ')),
      ...(await holdMany(100, `${head({ 'Content-Length': 1000, 'X-Aquarium-Secret': 'wrong' })}{`)),
      ...(await holdMany(100, `${head({ 'Content-Length': 1000 })}{"event":`)),
      ...(await holdMany(100, whole(body('kept alive')))),
    ];
    await until(
      'the uploads',
      () => gateway.files('tmp').length === 100 && gateway.inbox().length === inboxBefore + 100,
    );
    const honest = await Promise.all(
      Array.from({ length: 50 }, (_, place) =>
        sendRaw(gateway.port, whole(body(`honest ${place}`), closing)),
      ),
    );
    expect(new Set(honest.flatMap(statuses))).toEqual(new Set(['202']));
    await until('the slow headers to be ended', () =>
      held.slice(0, 200).every(({ answer, closed }) => closed() && answer().startsWith('HTTP/1.1 408 ')),
    );
    await until('the refused to be ended', () =>
      held.slice(200, 300).every(({ answer, closed }) => closed() && answer().startsWith('HTTP/1.1 401 ')),
    );
    release(held);
    await until('every temp file to go', () => gateway.files('tmp').length === 0);
    await until('every file and socket to come back', () => {
      const now = openFiles(gateway.folder);
      return now.files <= before.files && now.sockets <= before.sockets;
    });
    expect(gateway.inbox()).toHaveLength(inboxBefore + 150);
  });

  it('The gateway closes the longest idle connection over the limit, and keeps the busy ones', async () => {
    const small = await runGateway(parent, { maxOpen: 20 });
    const upload = await hold(`${head({ 'Content-Length': 1000 })}{"event":`, small.port);
    await until('the upload', () => small.files('tmp').length === 1);
    const idle = await holdMany(60, '', small.port);
    expect(await small.post(body('gets in'))).toMatchObject({ status: 202 });
    await until('the longest idle to be ended', () => idle.filter(({ closed }) => closed()).length >= 41);
    expect(upload.closed()).toBe(false);
    release([upload, ...idle]);
    await small.close();
  });

  it('The gateway answers 503 to a new connection while all are busy, and accepts it when one has ended', async () => {
    const small = await runGateway(parent, { maxOpen: 5 });
    const uploads = await holdMany(5, `${head({ 'Content-Length': 1000 })}{"event":`, small.port);
    await until('the uploads', () => small.files('tmp').length === 5);
    const refused = await sendRaw(small.port, whole(body('next')));
    expect(refused).toMatch(/^HTTP\/1\.1 503 /);
    expect(refused).toMatch(/\r\nRetry-After: 10\r\n/);
    expect(errors(refused)).toEqual(['too-many-connections']);
    release(uploads.slice(0, 1));
    await until('the first to be gone', () => small.files('tmp').length === 4);
    expect(await small.post(body('next'))).toMatchObject({ status: 202 });
    release(uploads);
    await small.close();
  });

  it('The gateway ends the slowest of over 200 slow uploads, with a sentence', async () => {
    const slowest = await holdMany(1, head({ 'Content-Length': 1000 }));
    const slow = await holdMany(200, `${head({ 'Content-Length': 1000 })}{"event":`);
    await until('the slowest to be ended', () => slowest[0]?.closed());
    expect(slowest[0]?.answer()).toMatch(/^HTTP\/1\.1 503 /);
    expect(slowest[0]?.answer()).toMatch(/\r\nRetry-After: 60\r\n/);
    expect(errors(slowest[0]?.answer() ?? '')).toEqual(['too-many-slow-uploads']);
    expect(slow.filter(({ closed }) => closed())).toEqual([]);
    expect(await gateway.post(body('fast'))).toMatchObject({ status: 202 });
    release(slow);
    await until('every temp file to go', () => gateway.files('tmp').length === 0);
  });

  it('The gateway frees the memory of hundreds of aborted uploads', async () => {
    const text = `${head({ 'Content-Length': 2_000_000 })}${' '.repeat(60_000)}`;
    const round = async (): Promise<void> => {
      for (let i = 0; i < 6; i += 1) release(await holdMany(25, text));
      await until('every temp file to go', () => gateway.files('tmp').length === 0);
    };
    await round();
    const before = process.memoryUsage().rss;
    await round();
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });
});
