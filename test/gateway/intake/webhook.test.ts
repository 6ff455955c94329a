import { createHash } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createStamps } from '../../../src/gateway/intake/stamps';
import { tempFolder } from '../../payloads/temp-folder';
import { aDelivery, anIssue } from '../../support/builders';
import { operatorToken, runGateway, type GatewayHarness, secret } from '../gateway-harness';

const parent = tempFolder();
let gateway: GatewayHarness;
beforeAll(async () => {
  gateway = await runGateway(parent);
});
afterAll(() => gateway.close());

/** Expects the refusal, and that the gateway stored and started nothing. */
async function expectRefusal(
  posting: Promise<{ status: number; body: Record<string, unknown> }>,
  status: number,
  error: string,
  message: RegExp | string,
): Promise<void> {
  const before = {
    accepted: gateway.accepted.length,
    deliveries: gateway.files('deliveries'),
    inbox: gateway.files('inbox'),
  };
  const answer = await posting;
  expect(answer).toMatchObject({ status, body: { error } });
  expect(Object.keys(answer.body)).toEqual(['error', 'message']);
  expect(answer.body['message']).toEqual(
    message instanceof RegExp ? expect.stringMatching(message) : message,
  );
  const phrase = error === 'secret-wrong' ? 'Bad Request' : STATUS_CODES[status];
  expect(answer.body['message']).toMatch(new RegExp(`^${phrase}: [^\\n]+$`));
  expect(String(answer.body['message']).length).toBeLessThanOrEqual(300);
  expect({
    accepted: gateway.accepted.length,
    deliveries: gateway.files('deliveries'),
    inbox: gateway.files('inbox'),
  }).toEqual(before);
  expect(gateway.files('tmp')).toEqual([]);
}

describe('POST /webhook with a delivery that is stored', () => {
  it('The gateway answers 202 with everything to find the export', async () => {
    const body = aDelivery({ issue: anIssue({ id: 'a/b "ü"' }) });
    const { status, body: answer } = await gateway.post(body);
    const sha256 = createHash('sha256').update(body).digest('hex');
    expect(status).toBe(202);
    expect(answer).toEqual({
      status: 'accepted',
      issueId: 'a/b "ü"',
      revision: sha256.slice(0, 12),
      requestId: expect.stringMatching(/^\d{8}T\d{9}Z-[0-9a-f]{12}$/),
      workflowId: 'export-issue-a/b "ü"',
      elements: 1,
      links: {
        self: 'https://requeue.example/exports/a%2Fb%20%22%C3%BC%22',
        temporal: 'https://temporal.example/namespaces/default/workflows/export-issue-a%2Fb%20%22%C3%BC%22',
      },
    });
  });

  it('The gateway stores the body byte for byte under its sha256, adds an inbox entry, and calls the dispatcher', async () => {
    const body = aDelivery({ issue: anIssue({ id: 'kept', note: 'ü\\u00fc  ' }) });
    const { body: answer } = await gateway.post(body);
    const sha256 = createHash('sha256').update(body).digest('hex');
    expect(readFileSync(join(gateway.folder, 'deliveries', sha256), 'utf8')).toBe(body);
    const request = {
      requestId: answer['requestId'],
      issueId: 'kept',
      issueName: 'Blurred plates',
      project: 'street-scenes',
      revision: sha256.slice(0, 12),
      sha256,
      receivedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      force: false,
    };
    expect(gateway.accepted.at(-1)).toEqual(request);
    expect(gateway.inbox().at(-1)).toEqual({ request, handOver: { elements: 1 } });
    expect(gateway.files('tmp')).toEqual([]);
  });

  it('The gateway has entry and body on disk before it calls the dispatcher and before it answers', async () => {
    const seen: unknown[] = [];
    const own = await runGateway(parent, {
      store: (store) => ({ ...store, stage: async () => logged(await store.stage(), seen) }),
    });
    await own.post(aDelivery());
    seen.push('answered');
    expect(seen).toEqual([
      expect.stringMatching(/^deliveries\//),
      expect.stringMatching(/^inbox\//),
      'answered',
    ]);
    await own.close();
  });

  it('The gateway answers a repeated body the same way, under another request id, and stores the bytes once', async () => {
    const own = await runGateway(parent);
    const [first, second] = [await own.post(aDelivery()), await own.post(aDelivery())];
    expect(second.status).toBe(202);
    expect({ ...second.body, requestId: '' }).toEqual({ ...first.body, requestId: '' });
    expect(second.body['requestId']).not.toBe(first.body['requestId']);
    expect(own.files('deliveries')).toHaveLength(1);
    expect(own.files('inbox')).toHaveLength(2);
    await own.close();
  });

  it('The gateway keeps the order of fifty deliveries at once while the clock jumps back', async () => {
    let now = Date.parse('2026-11-24T00:11:22.333Z');
    const own = await runGateway(parent, {
      stamps: createStamps({ list: async () => [] }, () => (now -= 1000)),
    });
    await Promise.all(Array.from({ length: 50 }, () => own.post(aDelivery())));
    const times = own.inbox().map(({ request }) => request.receivedAt);
    expect(new Set(times).size).toBe(50);
    expect(times).toEqual(times.toSorted());
    expect(own.inbox()[0]?.request.requestId).toMatch(/^20261124T001121333Z-[0-9a-f]{12}$/);
    await own.close();
  });

  it('The gateway cuts names to 200 bytes between characters, and falls back to the issue id', async () => {
    await gateway.post(aDelivery({ project: 'ü'.repeat(150), issue: anIssue({ name: '字'.repeat(100) }) }));
    expect(gateway.accepted.at(-1)).toMatchObject({ project: 'ü'.repeat(100), issueName: '字'.repeat(66) });
    await gateway.post(aDelivery({ issue: { id: 'nameless', elements: [{}] } }));
    expect(gateway.accepted.at(-1)).toMatchObject({ issueName: 'nameless' });
  });

  it('The gateway names the workflow of a long issue id by its sha256', async () => {
    const id = 'x'.repeat(2048);
    const { status, body } = await gateway.post(aDelivery({ issue: anIssue({ id }) }));
    expect(status).toBe(202);
    expect(body['workflowId']).toBe(`export-issue-sha256-${createHash('sha256').update(id).digest('hex')}`);
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/json;profile=x',
  ])('The gateway accepts Content-Type %s', async (type) => {
    expect(await gateway.post(aDelivery(), { 'content-type': type })).toMatchObject({ status: 202 });
  });

  it('The gateway accepts Content-Encoding identity, and each of its secrets', async () => {
    expect(await gateway.post(aDelivery(), { 'content-encoding': 'identity' })).toMatchObject({
      status: 202,
    });
    expect(await gateway.post(aDelivery(), { 'x-aquarium-secret': 'an-older-secret' })).toMatchObject({
      status: 202,
    });
  });

  it('The gateway accepts every delivery when it has no secret, as in dev', async () => {
    const own = await runGateway(parent, { secrets: [] });
    expect(
      await own.ask('POST', '/webhook', { 'content-type': 'application/json' }, aDelivery()),
    ).toMatchObject({ status: 202 });
    expect(await own.post(aDelivery(), { 'x-aquarium-secret': 'whatever' })).toMatchObject({ status: 202 });
    await own.close();
  });

  it('The gateway compares a secret that is not ASCII by its bytes', async () => {
    const own = await runGateway(parent, { secrets: ['gehéim'] });
    const bytes = Buffer.from('gehéim', 'utf8').toString('latin1');
    expect(await own.post(aDelivery(), { 'x-aquarium-secret': bytes })).toMatchObject({ status: 202 });
    expect(await own.post(aDelivery(), { 'x-aquarium-secret': 'geheim' })).toMatchObject({ status: 401 });
    await own.close();
  });
});

describe('POST /webhook with a delivery that starts nothing', () => {
  it.each([
    ['no elements', { id: 'issue-1', elements: [] }],
    ['none given', { id: 'issue-1' }],
    ['null for them', { id: 'issue-1', elements: null }],
  ])("The gateway answers 200 to Aquarium's test button: issue-exported with %s", async (_, issue) => {
    const before = gateway.files('deliveries');
    const { status, body } = await gateway.post(aDelivery({ issue }));
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'test',
      message: 'Requeue received this issue-exported event. It has no elements, so nothing was started.',
    });
    expect(gateway.files('deliveries')).toEqual(before);
    expect(gateway.files('tmp')).toEqual([]);
  });

  it.each(['dataset-complete', 'dataset-failed', 'issues-created', 'issue-update'])(
    'The gateway answers 202 ignored to %s, with or without a project',
    async (event) => {
      const before = gateway.files('inbox');
      const message = `Requeue received this ${event} event. It acts only on issue-exported, so nothing was started.`;
      expect(await gateway.post(aDelivery({ event }))).toMatchObject({
        status: 202,
        body: { status: 'ignored', message },
      });
      expect(await gateway.post(aDelivery({ event, project: null }))).toMatchObject({
        status: 202,
        body: { status: 'ignored' },
      });
      expect(gateway.files('inbox')).toEqual(before);
    },
  );

  it('The gateway answers 400 to any other event, with its name cut', async () => {
    await expectRefusal(
      gateway.post(aDelivery({ event: 'model-trained' })),
      400,
      'unknown-event',
      'Bad Request: endpoint not setup to handle model-trained events yet',
    );
    await expectRefusal(
      gateway.post(aDelivery({ event: '字'.repeat(5000) })),
      400,
      'unknown-event',
      /^Bad Request: endpoint not setup to handle 字{100}… events yet$/,
    );
  });
});

describe('POST /webhook with a delivery that is refused', () => {
  it.each([
    ['missing', {}, 'secret-missing', /X-Aquarium-Secret is missing/],
    ['empty', { 'x-aquarium-secret': '' }, 'secret-missing', /X-Aquarium-Secret is missing/],
    ['wrong', { 'x-aquarium-secret': 'canary-secret-2' }, 'secret-wrong', /not the one that Requeue expects/],
    [
      'right but for its end',
      { 'x-aquarium-secret': `${secret}1` },
      'secret-wrong',
      /not the one that Requeue expects/,
    ],
  ])('The gateway answers 401 when the secret is %s', async (_, headers, error, message) => {
    await expectRefusal(
      gateway.ask('POST', '/webhook', { 'content-type': 'application/json', ...headers }, aDelivery()),
      401,
      error,
      message,
    );
  });

  it.each([
    [undefined, 'not-json', 'Unsupported Media Type: expected Content-Type: application/json, got none.'],
    [
      'text/plain',
      'not-json',
      'Unsupported Media Type: expected Content-Type: application/json, got "text/plain".',
    ],
    ['application/json; charset=latin1', 'not-json', /got "application\/json; charset=latin1"\.$/],
    ['application/jsonp', 'not-json', /got "application\/jsonp"\.$/],
    [`text/${'x'.repeat(1000)}`, 'not-json', /got "text\/x+"\.$/],
  ])('The gateway answers 415 to Content-Type %s', async (type, error, message) => {
    await expectRefusal(
      gateway.ask(
        'POST',
        '/webhook',
        { 'x-aquarium-secret': secret, ...(type ? { 'content-type': type } : {}) },
        aDelivery(),
      ),
      415,
      error,
      message,
    );
  });

  it.each(['gzip', 'br', 'deflate', 'identity, gzip'])(
    'The gateway answers 415 to Content-Encoding %s',
    async (encoding) => {
      await expectRefusal(
        gateway.post(aDelivery(), { 'content-encoding': encoding }),
        415,
        'compressed',
        `Unsupported Media Type: expected an uncompressed body, got Content-Encoding: "${encoding}".`,
      );
    },
  );

  it.each([
    ['no body', '', 'no-body', /no payload body/],
    ['a body of spaces', '  ', 'broken-json', /byte 2/],
    ['an array', '[]', 'not-an-object', /expected a JSON object/],
    ['null', 'null', 'not-an-object', /expected a JSON object/],
    ['no event', '{"project":"p","issue":{"id":"i"}}', 'no-event', /event/],
    ['no project', aDelivery({ project: null }), 'no-project', /expected key: project/],
    [
      'no project on a test delivery',
      aDelivery({ project: null, issue: { id: 'i', elements: [] } }),
      'no-project',
      /expected key: project/,
    ],
    ['no issue', '{"event":"issue-exported","project":"p"}', 'no-issue', /expected key: issue/],
    [
      'an issue that is no object',
      aDelivery({ issue: 'i' }),
      'issue-not-an-object',
      /expected issue to be an object/,
    ],
    ['no issue id', aDelivery({ issue: { elements: [{}] } }), 'no-issue-id', /issue\.id/],
    ['an empty issue id', aDelivery({ issue: { id: '', elements: [{}] } }), 'no-issue-id', /issue\.id/],
    [
      'an issue id that is a number',
      aDelivery({ issue: { id: 7, elements: [{}] } }),
      'issue-id-not-a-string',
      /issue\.id to be a string/,
    ],
    [
      'an issue id with a line end',
      aDelivery({ issue: anIssue({ id: 'a\nb' }) }),
      'issue-id-control-character',
      /control character/,
    ],
    [
      'an issue id with half a pair',
      '{"event":"issue-exported","project":"p","issue":{"id":"\\ud800","elements":[{}]}}',
      'issue-id-lone-surrogate',
      /surrogate/,
    ],
    [
      'an issue id over 2,048 bytes',
      aDelivery({ issue: anIssue({ id: 'x'.repeat(2049) }) }),
      'issue-id-too-long',
      /2,048 bytes/,
    ],
    [
      'elements that are no array',
      aDelivery({ issue: { id: 'i', elements: {} } }),
      'elements-not-an-array',
      /issue\.elements to be an array/,
    ],
    ['a key of the envelope twice', '{"event":"issue-exported","event":"x"}', 'key-twice', /"event" twice/],
    [
      'a key of the issue twice',
      '{"event":"issue-exported","project":"p","issue":{"id":"a","id":"b"}}',
      'key-twice',
      /"id" twice/,
    ],
    ['broken JSON', '{"event": nope}', 'broken-json', /at byte 11/],
    ['JSON that ends too early', '{"event":"issue-exported"', 'broken-json', /at byte 25/],
    ['a BOM', '\uFEFF{}', 'byte-order-mark', /byte order mark/],
    ['bad UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22]), 'bad-utf8', /UTF-8 at byte 2/],
    ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}`, 'too-deep', /nested deeper than 64/],
  ])('The gateway answers 400 to %s', async (_, body, error, message) => {
    await expectRefusal(gateway.post(body), 400, error, message);
  });

  it('The gateway answers 413 to an element over 4 MiB', async () => {
    await expectRefusal(
      gateway.post(aDelivery({ issue: anIssue({ elements: [{ x: 'x'.repeat(4 * 1024 * 1024) }] }) })),
      413,
      'element-too-large',
      /larger than 4,194,304 bytes/,
    );
  });

  it('The gateway answers 404 to another path and 405 with Allow to another method, before it checks the secret', async () => {
    await expectRefusal(
      gateway.ask('POST', '/webhooks', {}, aDelivery()),
      404,
      'not-found',
      'Not Found: there is nothing at "/webhooks". Deliveries go to POST /webhook.',
    );
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const answer = await gateway.ask(method, '/webhook');
      expect(answer).toMatchObject({
        status: 405,
        headers: { allow: 'POST' },
        body: {
          error: 'method-not-allowed',
          message: `Method Not Allowed: expected POST, got ${method}.`,
        },
      });
    }
    expect((await gateway.ask('HEAD', '/webhook')).status).toBe(405);
  });

  it('The gateway checks the secret before the content headers, and those before the body', async () => {
    expect(
      await gateway.post('nonsense', { 'x-aquarium-secret': 'wrong', 'content-type': 'text/plain' }),
    ).toMatchObject({ status: 401 });
    expect(
      await gateway.post('nonsense', { 'content-type': 'text/plain', 'content-encoding': 'br' }),
    ).toMatchObject({
      body: { error: 'not-json' },
    });
    expect(await gateway.post('nonsense', { 'content-encoding': 'br' })).toMatchObject({
      body: { error: 'compressed' },
    });
  });

  it('The gateway logs one line for each delivery, and never a secret or a body', async () => {
    const own = await runGateway(parent);
    await own.post(aDelivery({ issue: anIssue({ id: 'canary-issue', elements: [{ x: 'canary-body' }] }) }));
    await own.post('{"canary-body": nope}');
    await own.post(aDelivery(), { 'x-aquarium-secret': 'canary-wrong' });
    await own.post(aDelivery({ event: 'dataset-failed' }));
    await own.ask('GET', '/api/exports/x', { authorization: `Bearer ${operatorToken}` });
    expect(own.log.map(({ msg, issueId, status }) => ({ msg, issueId, status }))).toEqual([
      { msg: 'Accepted a delivery.', issueId: 'canary-issue', status: undefined },
      { msg: 'Refused a request.', issueId: undefined, status: 400 },
      { msg: 'Refused a request.', issueId: undefined, status: 401 },
      { msg: 'Ignored a delivery.', issueId: undefined, status: undefined },
      { msg: 'Refused a request.', issueId: undefined, status: 404 },
    ]);
    expect(JSON.stringify(own.log)).not.toMatch(/canary-(secret|wrong|body|token)/);
    await own.close();
  });
});

function logged<T extends { commit(key: string): Promise<void> }>(staged: T, seen: unknown[]): T {
  const commit = staged.commit.bind(staged);
  return {
    ...staged,
    async commit(key: string) {
      await commit(key);
      seen.push(key);
    },
  };
}
