import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runGateway } from '../../gateway/gateway-harness';
import { tempFolder } from '../../payloads/temp-folder';
import { hostileNames, unprintable } from '../../support/hostile-names';
import { type FakeGateway, requeue, startFakeGateway } from '../run-requeue';

const folder = tempFolder();
const file = join(folder, 'body.json');
const text =
  '{ "event":"issue-exported", "project":"roads", "issue":{"id":"one","name":"Signs","elements":[]}, "size": 1.0 }\n';
writeFileSync(file, text);

const accepted = {
  status: 'accepted',
  issueId: 'one',
  revision: '0123456789ab',
  requestId: 'r1',
  workflowId: 'export-issue-one',
  elements: 3,
  links: {
    self: 'http://gateway.example/api/exports/one',
    temporal: 'http://ui.example/workflows/export-issue-one',
  },
};
const opened: FakeGateway[] = [];

async function gateway(status: number, answer: object | string): Promise<FakeGateway> {
  const started = await startFakeGateway(status, answer);
  opened.push(started);
  return started;
}

afterEach(async () => {
  for (const started of opened.splice(0)) await started.close();
});

it('send says that a completed revision is not sent again', async () => {
  const { url } = await gateway(202, { ...accepted, duplicateOf: 'r1' });
  const { stdout } = await requeue(['send', file, '--url', `${url}/webhook`]);
  expect(stdout).toContain('\n  request r1 has already completed this revision, so nothing is sent\n');
});

it('send posts the file byte for byte and prints what was accepted', async () => {
  const { url, got } = await gateway(202, accepted);
  const { code, stdout } = await requeue(['send', file, '--url', `${url}/webhook`, '--secret', 's1']);
  expect(code).toBe(0);
  expect(got).toHaveLength(1);
  expect(got[0]).toMatchObject({
    line: 'POST /webhook',
    headers: { 'content-type': 'application/json', 'x-aquarium-secret': 's1' },
  });
  expect(got[0]?.body.toString()).toBe(text);
  for (const part of ['one', '0123456789ab', '3 elements', accepted.links.temporal])
    expect(stdout).toContain(part);
});

it('send posts to the gateway at PORT with the first of AQ_WEBHOOK_SECRET', async () => {
  const { url, got } = await gateway(202, accepted);
  const { code } = await requeue(['send', file], { PORT: new URL(url).port, AQ_WEBHOOK_SECRET: 'new,old' });
  expect(code).toBe(0);
  expect(got[0]).toMatchObject({ line: 'POST /webhook', headers: { 'x-aquarium-secret': 'new' } });
});

it('send posts without a secret when none is set', async () => {
  const { url, got } = await gateway(202, accepted);
  await requeue(['send', file, '--url', url]);
  expect(got[0]?.headers).not.toHaveProperty('x-aquarium-secret');
});

it('send --issue replaces the issue id and keeps every other byte', async () => {
  const { url, got } = await gateway(202, accepted);
  await requeue(['send', file, '--url', url, '--issue', 'two/"2"']);
  expect(got[0]?.body.toString()).toBe(text.replace('"one"', '"two/\\"2\\""'));
  expect(got[0]?.headers).toMatchObject({ 'content-length': String(got[0]?.body.length) });
});

it('send --repeat posts the same bytes each time', async () => {
  const { url, got } = await gateway(202, accepted);
  const { code } = await requeue(['send', file, '--url', url, '--repeat', '3']);
  expect(code).toBe(0);
  expect(got.map(({ body }) => body.toString())).toEqual([text, text, text]);
  expect(got[0]?.headers).toMatchObject({ 'content-length': String(text.length) });
  expect(got[0]?.headers).not.toHaveProperty('transfer-encoding');
});

it('send ends with 1 and the gateway’s sentence when the gateway refuses', async () => {
  const { url } = await gateway(401, {
    error: 'secret-wrong',
    message: 'Bad Request: the secret is not the one.',
  });
  const { code, stdout, stderr } = await requeue(['send', file, '--url', url, '--repeat', '3']);
  expect(code).toBe(1);
  expect(stderr.trim()).toBe('401 Bad Request: the secret is not the one.');
  expect(stdout).toBe('');
});

it('send prints the message of an answer that starts no export', async () => {
  const { url } = await gateway(200, { status: 'test', message: 'A test button was pressed.' });
  const { code, stdout } = await requeue(['send', file, '--url', url]);
  expect(code).toBe(0);
  expect(stdout).toContain('A test button was pressed.');
});

it('send ends with 1 and a sentence when the file or the gateway is missing', async () => {
  const missing = await requeue(['send', join(folder, 'none.json')]);
  expect(missing).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('none.json cannot be read (ENOENT)') as string,
  });
  const noGateway = await requeue(['send', file, '--url', 'http://127.0.0.1:1/webhook']);
  expect(noGateway).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No gateway answers at http://127.0.0.1:1/webhook') as string,
  });
});

it.each([
  ['is a folder', 'folder', 'folder is a folder: expected an issue-exported body.', []],
  [
    'is no JSON',
    'no.json',
    'no.json is not JSON: the body is not valid JSON: unexpected "x" at byte 0.',
    ['--issue', 'two'],
  ],
  ['has no issue.id', 'bare.json', '--issue needs a file with an issue.id; ', ['--issue', 'two']],
])('send ends with 1 and a sentence when the file %s', async (_, name, sentence, options) => {
  mkdirSync(join(folder, 'folder'), { recursive: true });
  writeFileSync(join(folder, 'no.json'), 'x');
  writeFileSync(
    join(folder, 'bare.json'),
    '{"id":"no","issue":{"elements":[{"id":"no"}]},"other":{"id":"no"}}',
  );
  const { code, stdout, stderr } = await requeue([
    'send',
    join(folder, name),
    '--url',
    'http://127.0.0.1:1',
    ...options,
  ]);
  expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({
    code: 1,
    stdout: '',
    lines: 1,
  });
  expect(stderr).toContain(sentence);
});

it('send reports a wrong --url as wrong usage', async () => {
  const { code, stderr } = await requeue(['send', join(folder, 'no.json'), '--url', 'foo']);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr:
      '--url must be an http or https address without a user name or password; type: requeue send --help\n',
  });
});

describe('send with a large file', () => {
  const megabytes = 128;
  const large = join(folder, 'large.json');
  const head = '{"event":"issue-exported","project":"roads","pad":"';
  const tail = '","issue":{"elements":[],"id":"one"}}';
  const pad = Buffer.alloc(1024 * 1024, 'x');

  beforeAll(() => {
    writeFileSync(large, head);
    for (let at = 0; at < megabytes; at += 1) writeFileSync(large, pad, { flag: 'a' });
    writeFileSync(large, tail, { flag: 'a' });
  });

  it.each([
    ['as it is', [], '"one"'],
    ['as another issue', ['--issue', 'zwölf'], '"zwölf"'],
  ])('streams the file without keeping it in memory, %s', async (_, options, id) => {
    const expected = createHash('sha256').update(head);
    for (let at = 0; at < megabytes; at += 1) expected.update(pad);
    const end = tail.replace('"one"', id);
    const sink = await startSink();
    const { code, peakBytes } = await withPeak(['send', large, '--url', sink.url, ...options]);
    expect(code).toBe(0);
    expect(sink.got).toEqual({
      sha256: expected.update(end).digest('hex'),
      length: String(head.length + megabytes * 2 ** 20 + Buffer.byteLength(end)),
    });
    // Node alone needs about 90 MB; with the file in memory, it would exceed this limit by 60 MB
    expect(peakBytes).toBeLessThan((megabytes + 30) * 2 ** 20);
    await sink.close();
  });

  it('ends with 1 and the gateway’s sentence when the gateway refuses the headers', async () => {
    const running = await runGateway(folder, { maxBodyBytes: 2 ** 30 });
    const url = `http://127.0.0.1:${running.port}/webhook`;
    const { code, stderr } = await requeue(['send', large, '--url', url, '--secret', 'wrong']);
    await running.close();
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^401 Bad Request: .+\n$/) as string,
    });
  });

  it('ends with 1 and a sentence when the gateway dies in the middle', async () => {
    const server = createServer((request) => request.once('data', () => request.socket.destroy()));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`;
    const { code, stderr } = await requeue(['send', large, '--url', url]);
    server.close();
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^The connection to http:\S+ broke before the gateway answered \(\w+\): send the file again; .+\n$/,
      ) as string,
    });
  });
});

/** Runs `requeue` and returns its peak memory use. */
async function withPeak(args: readonly string[]): Promise<{ code: number | null; peakBytes: number }> {
  const [hook, out] = [join(folder, 'peak.cjs'), join(folder, 'peak')];
  writeFileSync(
    hook,
    `let peak = 0;
     const look = () => (peak = Math.max(peak, process.memoryUsage.rss()));
     setInterval(look, 5).unref();
     process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(out)}, String(look())));`,
  );
  const { code } = await requeue(args, { NODE_OPTIONS: `--require ${hook}` });
  return { code, peakBytes: Number(readFileSync(out, 'utf8')) };
}

/** A gateway that keeps only the body's hash. */
async function startSink() {
  const got: { sha256?: string; length?: string | undefined } = {};
  const take = async (incoming: IncomingMessage): Promise<void> => {
    const hash = createHash('sha256');
    for await (const chunk of incoming as AsyncIterable<Buffer>) hash.update(chunk);
    Object.assign(got, { sha256: hash.digest('hex'), length: incoming.headers['content-length'] });
  };
  const server = createServer(
    (incoming, response) => void take(incoming).then(() => response.end(JSON.stringify(accepted))),
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    got,
    close: () => new Promise((closed) => server.close(closed)),
  };
}

describe('On a terminal', () => {
  const hostile = hostileNames.map(({ text }) => text.slice(0, 100)).join(' ');

  it('send prints any answer of a gateway as printable lines', async () => {
    const links = { self: hostile, temporal: hostile };
    const { url } = await gateway(202, {
      ...accepted,
      issueId: hostile,
      revision: hostile,
      elements: hostile,
      links,
    });
    const { code, stdout } = await requeue(['send', file, '--url', url]);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toHaveLength(3);
    expect(stdout.replaceAll('\n', '')).not.toMatch(unprintable);
    expect(stdout).toContain('\\u001b]8;;https://evil.example\\u001b\\click');
  });

  it.each([
    ['a refusal', 400, { error: 'x', message: hostile }],
    ['a refusal of something else', 502, `<html>\n${hostile}`],
    ['an answer of something else', 200, `<html>\n${hostile}`],
    ['a message', 200, { status: hostile, message: hostile }],
  ])('send prints %s in one line', async (_, status, answer) => {
    const { url } = await gateway(status, answer);
    const { code, stdout, stderr } = await requeue(['send', file, '--url', url]);
    const shown = stdout + stderr;
    expect(code).toBe(shown === stdout ? 0 : 1);
    expect(shown.split('\n')).toHaveLength(2);
    expect(shown.slice(0, -1)).not.toMatch(unprintable);
  });
});
