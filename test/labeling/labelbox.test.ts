import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createLabelbox, type LabelboxOptions } from '../../src/labeling/labelbox/labelbox';
import { LabelingError } from '../../src/labeling/labeling-error';
import { startSandbox } from '../../src/dev/sandbox/start-sandbox';
import { until } from '../support/until';
import {
  describeLabelingService,
  type LabelingServiceSetUp,
  type Trouble,
} from './describe-labeling-service';
import { type RawService, startRawService } from './raw-service';

const key = 'key-5d2c9e';

const faultsByTrouble: Record<Trouble, object> = {
  fails: { kind: 'status', status: 503 },
  'fails-after': { kind: 'status-after', status: 500 },
  'asks-to-wait': { kind: 'status', status: 429, retryAfter: 7 },
  'refuses-key': { kind: 'refuse-key' },
  'refuses-project': { kind: 'graphql-error', code: 'RESOURCE_NOT_FOUND', path: ['project'] },
  'refuses-call': { kind: 'graphql-error', code: 'GRAPHQL_VALIDATION_FAILED', status: 400 },
  'refuses-size': { kind: 'status', status: 413 },
  'refuses-items': { kind: 'poison', labelIds: ['poison'] },
  'lacks-items': { kind: 'poison', labelIds: ['poison'], code: 'RESOURCE_NOT_FOUND', status: 200 },
  'resets-before': { kind: 'reset-before' },
  'resets-after': { kind: 'reset-after' },
  'hangs-after': { kind: 'hang-after' },
  'answers-nonsense': { kind: 'not-json' },
};

describeLabelingService('Labelbox', setUpLabelbox);

async function setUpLabelbox(): Promise<LabelingServiceSetUp> {
  const sandbox = await startSandbox({ port: 0, key });
  const address = `${sandbox.url}/graphql`;
  const options = { address, key, timeoutMs: 500, connections: 2 };
  const service = createLabelbox(options);
  const faults = async (init?: RequestInit) =>
    (await fetch(`${sandbox.url}/faults`, init)).json() as Promise<{ calls: number }>;
  const ownConnections = { faults: 0 };
  return {
    service,
    key,
    withWrongKey: createLabelbox({ ...options, key: 'another' }),
    unreachable: createLabelbox({ ...options, address: `http://127.0.0.1:${await freePort()}/graphql` }),
    trouble: async (kind, times) => {
      const before = sandbox.connections();
      await faults({ method: 'DELETE' });
      await faults({
        method: 'POST',
        body: JSON.stringify({ ...faultsByTrouble[kind], times }),
      });
      ownConnections.faults += sandbox.connections() - before;
    },
    effects: (project) =>
      sandbox.ledger().flatMap((entry) => (entry.projectId === project ? entry.applied : [])),
    calls: async () => (await faults()).calls,
    connections: () => sandbox.connections() - ownConnections.faults,
    stop: () => sandbox.close(),
  };
}

describe('Labelbox', () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()));
  });

  /** The adapter against a server that answers every call like this. */
  async function against(answer: (response: ServerResponse) => void, more: Partial<LabelboxOptions> = {}) {
    const raw: RawService = await startRawService(answer);
    const service = createLabelbox({ address: raw.url, key, timeoutMs: 500, connections: 1, ...more });
    open.push(service, raw);
    const relabel = (...labelIds: string[]) =>
      service.relabel(
        labelIds.map((labelId) => ({ labelId })),
        { project: 'p-1', key: 'k' },
        new AbortController().signal,
      );
    const refusal = async (...labelIds: string[]): Promise<LabelingError> => {
      const error: unknown = await relabel(...labelIds).catch((reason: unknown) => reason);
      if (!(error instanceof LabelingError))
        throw new Error(`Expected a LabelingError, got ${JSON.stringify(error)}`);
      return error;
    };
    return { raw, service, relabel, refusal };
  }
  const json =
    (body: unknown, status = 200, headers: Record<string, string> = {}) =>
    (response: ServerResponse) => {
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    };
  const counting = (count: unknown) => json({ data: { project: { bulkDeleteLabels: { count } } } });
  const failing = (extensions: unknown, status = 200) =>
    json({ errors: [{ message: 'label-1 is bad', extensions }], data: null }, status);

  it('The adapter sends the guide’s mutation with ids as variables, never in the text, and the key as a bearer token', async () => {
    const { raw, relabel } = await against(counting(2));
    await relabel('id-1', 'id-2');
    expect(raw.calls).toHaveLength(1);
    const [{ body, headers }] = raw.calls as [RawService['calls'][number]];
    expect(body.variables).toEqual({ projectId: 'p-1', labelIds: ['id-1', 'id-2'], makeTemplates: true });
    expect(body.query.replace(/\s+/g, ' ')).toBe(
      'mutation BulkDeleteLabels($projectId: ID!, $makeTemplates: Boolean = true, $labelIds: [ID!]) { project(where: { id: $projectId }) { bulkDeleteLabels(where: { id_in: $labelIds }, makeTemplates: $makeTemplates, waitForQueue: true) { count } } }',
    );
    expect(body.query).not.toMatch(/id-1|p-1/);
    expect(headers).toMatchObject({
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'accept-encoding': 'identity',
    });
  });

  describe('The count of a reply', () => {
    it.each([
      ['all of them', 3, 3, 'relabeled'],
      ['all of them in digits', '3', 3, 'relabeled'],
      ['more than were sent', 5, 5, 'unconfirmed'],
      ['none', 0, 0, 'already-gone'],
      ['none in digits', '0', 0, 'already-gone'],
      ['no count', undefined, null, 'unconfirmed'],
      ['a count that is null', null, null, 'unconfirmed'],
      ['a count that is a text', 'three', null, 'unconfirmed'],
      ['a count below zero', -1, null, 'unconfirmed'],
      ['a count with a fraction', 2.5, null, 'unconfirmed'],
    ])('A reply with %s gives every label the same outcome', async (_what, count, reported, outcome) => {
      const { relabel } = await against(counting(count));
      const answer = await relabel('a', 'b', 'c');
      expect(answer.reported).toBe(reported);
      expect(answer.items.map((item) => [item.labelId, item.outcome])).toEqual([
        ['a', outcome],
        ['b', outcome],
        ['c', outcome],
      ]);
      for (const { reason } of answer.items) expect(reason !== undefined).toBe(outcome === 'unconfirmed');
    });

    it('A count below the number of labels confirms no label', async () => {
      const { relabel } = await against(counting(2));
      const reason = 'The labeling service accepted 2 of 3 labels and does not report which.';
      expect(await relabel('a', 'b', 'c')).toEqual({
        reported: 2,
        items: ['a', 'b', 'c'].map((labelId) => ({ labelId, outcome: 'unconfirmed', reason })),
      });
    });

    it('The count is found wherever a configured mutation puts it', async () => {
      const { relabel } = await against(json({ data: { requeue: [{ id: 'x', done: { count: 0 } }] } }), {
        mutation: 'mutation($projectId: ID!, $labelIds: [ID!]) { requeue }',
      });
      expect((await relabel('a')).items).toEqual([{ labelId: 'a', outcome: 'already-gone' }]);
    });

    it('The count is not searched for in the depths of a reply', async () => {
      const { relabel } = await against((response) =>
        response.end(`{"data":{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`),
      );
      expect((await relabel('a')).reported).toBeNull();
    });

    it('A null project is an unknown project', async () => {
      expect((await (await against(json({ data: { project: null } }))).refusal('a')).kind).toBe(
        'project-unknown',
      );
    });
  });

  it('The adapter sends $makeTemplates only to a mutation that declares it', async () => {
    const { raw, relabel } = await against(counting(1), {
      mutation: 'mutation($projectId: ID!, $labelIds: [ID!]) { x }',
    });
    await relabel('a');
    expect(raw.calls[0]?.body.variables).toEqual({ projectId: 'p-1', labelIds: ['a'] });
  });

  describe('The kind of an error', () => {
    const invalid = { code: 'GRAPHQL_VALIDATION_FAILED' };
    it.each([
      ['AUTHENTICATION_ERROR', failing({ code: 'AUTHENTICATION_ERROR' }), 'key-refused'],
      ['AUTHORIZATION_ERROR', failing({ code: 'AUTHORIZATION_ERROR' }), 'key-refused'],
      ['RESOURCE_NOT_FOUND', failing({ code: 'RESOURCE_NOT_FOUND' }), 'items-unknown'],
      ['RESOURCE_NOT_FOUND under 404', failing({ code: 'RESOURCE_NOT_FOUND' }, 404), 'items-unknown'],
      ['GRAPHQL_VALIDATION_FAILED', failing(invalid), 'call-refused'],
      ['GRAPHQL_VALIDATION_FAILED under 400', failing(invalid, 400), 'call-refused'],
      ['GRAPHQL_PARSE_FAILED under 400', failing({ code: 'GRAPHQL_PARSE_FAILED' }, 400), 'call-refused'],
      ['OPERATION_NOT_ALLOWED', failing({ code: 'OPERATION_NOT_ALLOWED' }), 'call-refused'],
      ['MALFORMED_REQUEST', failing({ code: 'MALFORMED_REQUEST' }), 'bad-items'],
      ['RESOURCE_CONFLICT', failing({ code: 'RESOURCE_CONFLICT' }), 'call-refused'],
      [
        'an internal 400',
        failing({ code: 'INTERNAL_SERVER_ERROR', exception: { status: 400 } }),
        'bad-items',
      ],
      [
        'an internal 422',
        failing({ code: 'INTERNAL_SERVER_ERROR', exception: { status: 422 } }),
        'bad-items',
      ],
      [
        'an internal 426',
        failing({ code: 'INTERNAL_SERVER_ERROR', exception: { status: 426 } }),
        'call-refused',
      ],
      [
        'an internal 500',
        failing({ code: 'INTERNAL_SERVER_ERROR', exception: { status: 500 } }),
        'no-answer',
      ],
      [
        'an internal 503',
        failing({ code: 'INTERNAL_SERVER_ERROR', exception: { status: 503 } }),
        'no-answer',
      ],
      [
        'an internal error without a status',
        failing({ code: 'INTERNAL_SERVER_ERROR', exception: null }),
        'no-answer',
      ],
      ['an unknown code', failing({ code: 'toString' }), 'call-refused'],
      ['errors without codes', failing(undefined), 'call-refused'],
      ['an error that is null', json({ errors: [null] }), 'call-refused'],
      ['400 without a body', json(undefined, 400), 'bad-items'],
      ['422 with errors without codes', failing(undefined, 422), 'bad-items'],
      ['401', json({}, 401), 'key-refused'],
      ['403', json({}, 403), 'key-refused'],
      ['404', json('not here', 404), 'call-refused'],
      ['405', json({}, 405), 'call-refused'],
      ['a redirect', json({}, 302, { location: 'http://127.0.0.1:1/' }), 'call-refused'],
      ['408', json({}, 408), 'retryable'],
      ['413', json({}, 413), 'too-large'],
      ['429', json({}, 429), 'retryable'],
      ['429 with Retry-After', json({}, 429, { 'retry-after': '1' }), 'retryable'],
      ['500', json({}, 500), 'no-answer'],
      ['500 with Retry-After', json({}, 500, { 'retry-after': '1' }), 'no-answer'],
      ['500 that names refused labels', failing({ code: 'MALFORMED_REQUEST' }, 500), 'no-answer'],
      [
        '502 with a page',
        (response: ServerResponse) => void response.writeHead(502).end('<html>'),
        'no-answer',
      ],
      ['503', json({}, 503), 'no-answer'],
      ['503 with an unreadable Retry-After', json({}, 503, { 'retry-after': 'soon' }), 'no-answer'],
      ['503 with Retry-After', json({}, 503, { 'retry-after': '1' }), 'retryable'],
      ['504', json({}, 504), 'no-answer'],
    ])('The adapter throws for %s the right kind of error', async (_what, answer, kind) => {
      const { raw, refusal } = await against(answer);
      const error = await refusal('label-1');
      expect([error.kind, error.message]).toEqual([
        kind,
        expect.stringMatching(/^The labeling service .{5,200} \(HTTP \d+(, [A-Z_]+)?\)\.$/),
      ]);
      expect(error.message).not.toContain('label-1');
      expect(raw.calls).toHaveLength(1);
    });

    it.each([
      ['HTTP 500', json({}, 500), true],
      ['HTTP 504', json({}, 504), true],
      ['an internal 500', failing({ code: 'INTERNAL_SERVER_ERROR', exception: { status: 500 } }), true],
      ['an internal 503', failing({ code: 'INTERNAL_SERVER_ERROR', exception: { status: 503 } }), true],
      ['an unknown error', failing({ code: 'toString' }), true],
      ['HTTP 503 with Retry-After', json({}, 503, { 'retry-after': '1' }), false],
      ['HTTP 429', json({}, 429), false],
      ['an internal 422', failing({ code: 'INTERNAL_SERVER_ERROR', exception: { status: 422 } }), false],
      ['a conflict', failing({ code: 'RESOURCE_CONFLICT' }), false],
      ['a page in place of an answer', (response: ServerResponse) => void response.end('<html>'), false],
    ])('After %s the service itself may have failed inside the call: %#', async (_what, answer, expected) => {
      expect((await (await against(answer)).refusal('a')).isServerError).toBe(expected);
    });

    const notFound = (message: string, more: object = {}) =>
      json({ errors: [{ message, extensions: { code: 'RESOURCE_NOT_FOUND' }, ...more }], data: null });
    it.each([
      ['the path ends at the project', notFound('Not found', { path: ['project'] }), 'project-unknown'],
      ['the message names a project', notFound('Could not find Project p'), 'project-unknown'],
      ['the message has the project’s id', notFound('Resource p-1 does not exist'), 'project-unknown'],
      ['the project is called Label QA', notFound('Project "Label QA" not found'), 'project-unknown'],
      ['another error is about the project', notFoundTwice(), 'project-unknown'],
      [
        'the path goes through the project',
        notFound('Not found', { path: ['project', 'bulkDeleteLabels'] }),
        'items-unknown',
      ],
      ['the message names nothing', notFound('Resource not found'), 'items-unknown'],
      ['a label of a project is missing', notFound('Label 7 not found in project p-1'), 'items-unknown'],
      ['an id only begins like the project’s', notFound('p-10 and xp-1 not found'), 'items-unknown'],
      ['there is no message', notFound(null as unknown as string), 'items-unknown'],
    ])('RESOURCE_NOT_FOUND is read right when %s', async (_what, answer, kind) => {
      expect((await (await against(answer)).refusal('label-1', 'label-2')).kind).toBe(kind);
    });

    function notFoundTwice() {
      const extensions = { code: 'RESOURCE_NOT_FOUND' };
      const errors = [
        { message: 'Label 7 not found', extensions },
        { message: 'Project not found', extensions },
      ];
      return json({ errors, data: null });
    }

    it('The adapter keeps the words of the service apart from ours', async () => {
      const error = await (await against(failing({ code: 'MALFORMED_REQUEST' }))).refusal('label-1');
      expect(error.message).toBe(
        'The labeling service refuses some of the labels (HTTP 200, MALFORMED_REQUEST).',
      );
      expect(error.detail).toContain('label-1 is bad');
    });

    it('The adapter waits a minute when the body reports an exceeded limit, or as long as the header states', async () => {
      const exceeded = { message: 'You have exceeded your rate limit of 1500 requests a minute' };
      const error = await (await against(json(exceeded))).refusal('a');
      expect([error.kind, error.retryAfterMs]).toEqual(['retryable', 60_000]);
      expect(
        (await (await against(json(exceeded, 429, { 'retry-after': '5' }))).refusal('a')).retryAfterMs,
      ).toBe(5000);
    });

    it('The adapter reads Retry-After as a date, also of more than an hour', async () => {
      const inTwoHours = new Date(Date.now() + 7_200_000).toUTCString();
      expect(
        (await (await against(json({}, 503, { 'retry-after': inTwoHours }))).refusal('a')).retryAfterMs,
      ).toBeGreaterThan(7_100_000);
    });
  });

  describe('An unreadable reply', () => {
    const good = JSON.stringify({ data: { project: { bulkDeleteLabels: { count: 1 } } } });
    it.each<[string, (response: ServerResponse) => void]>([
      [
        'half a reply with its length',
        (response) =>
          void response
            .writeHead(200, { 'content-length': good.length })
            .write(good.slice(0, 9), () => response.destroy()),
      ],
      [
        'half a chunked reply',
        (response) => void response.writeHead(200).write(good.slice(0, 9), () => response.destroy()),
      ],
      ['a reply that stops moving', (response) => void response.writeHead(200).write(good.slice(0, 9))],
    ])('A reply that did not arrive leaves the effect unknown: %s', async (_what, answer) => {
      expect((await (await against(answer)).refusal('a')).kind).toBe('no-answer');
    });

    it.each<[string, (response: ServerResponse) => void]>([
      ['half of the JSON', (response) => void response.end(good.slice(0, 9))],
      [
        'a compressed reply',
        (response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(good)),
      ],
      [
        'a reply that only says it is compressed',
        (response) => void response.writeHead(200, { 'content-encoding': 'br' }).end(good),
      ],
      ['a reply over 1 MiB', (response) => void response.end(good.padEnd(1024 * 1024 + 1))],
      ['nothing', (response) => void response.end()],
      ['204', (response) => void response.writeHead(204).end()],
      ['a page', (response) => void response.end('<html>')],
      ['a list', json([])],
      ['null', json(null)],
      ['no data', json({})],
      ['null data', json({ data: null })],
    ])('A reply that arrived but cannot be read needs a person: %s', async (_what, answer) => {
      expect((await (await against(answer)).refusal('a')).kind).toBe('unreadable');
    });

    it('A refusal counts by its status, whatever its body', async () => {
      const compressed = await against(
        (response) => void response.writeHead(401, { 'content-encoding': 'gzip' }).end(gzipSync('{}')),
      );
      expect((await compressed.refusal('a')).kind).toBe('key-refused');
      const half = await against(
        (response) =>
          void response.writeHead(413, { 'content-length': 9 }).write('x', () => response.destroy()),
      );
      expect((await half.refusal('a')).kind).toBe('too-large');
    });
  });

  it('A call that waited in vain for a socket had no effect', async () => {
    const { raw, service, refusal } = await against(() => {});
    const holding = refusal('a');
    await until('the first call to arrive', () => raw.calls.length === 1);
    const abort = new AbortController();
    const waiting = service
      .relabel([{ labelId: 'b' }], { project: 'p-1', key: 'k2' }, abort.signal)
      .catch((error: unknown) => error);
    abort.abort();
    expect(await waiting).toMatchObject({
      kind: 'retryable',
      message: 'The labeling service could not be reached (aborted); nothing was sent.',
    });
    expect((await holding).kind).toBe('no-answer');
    await service.close();
    expect(raw.calls).toHaveLength(1);
  });

  it('The adapter refuses the call for an address or a key that no request can carry', async () => {
    expect((await (await against(counting(1), { address: 'not a url' })).refusal('a')).kind).toBe(
      'call-refused',
    );
    expect((await (await against(counting(1), { key: 'line\nbreak' })).refusal('a')).kind).toBe(
      'call-refused',
    );
  });

  describe('The check of the configuration', () => {
    const typename = json({ data: { __typename: 'Query' } });
    it.each([
      [
        'text that is no GraphQL',
        'mutation {',
        'The configured mutation is not valid GraphQL: Syntax Error: Expected Name, found <EOF>.',
      ],
      [
        'a query',
        'query($projectId: ID!, $labelIds: [ID!]) { x }',
        'The configured GraphQL text must contain exactly one mutation and no other operation.',
      ],
      [
        'two mutations',
        'mutation A { x } mutation B { x }',
        'The configured GraphQL text must contain exactly one mutation and no other operation.',
      ],
      [
        'a mutation without ids',
        'mutation($projectId: ID!) { x } # $labelIds',
        'The configured mutation does not declare the variable $labelIds.',
      ],
      [
        'a mutation whose answer cannot confirm',
        'mutation($projectId: ID!, $labelIds: [ID!]) { archive(project: $projectId, ids: $labelIds) { status } }',
        'The answer to the configured mutation cannot confirm any label, so every label would end as unconfirmed: select a count, a list of ids or a boolean, and name it count, deletedLabelIds or success (with an alias if needed).',
      ],
    ])('The check finds %s', async (_what, mutation, message) => {
      const { service } = await against(typename, { mutation });
      expect(await service.check()).toEqual([{ message }]);
    });

    it('The check shows the address without its secrets', async () => {
      const { service, raw } = await against(json({}, 404));
      const secret = createLabelbox({ address: `${raw.url}?token=t0p`, key, timeoutMs: 500, connections: 1 });
      open.push(secret);
      expect(await secret.check()).toEqual([
        {
          message: `${raw.url}: The labeling service has no GraphQL endpoint at the configured address (HTTP 404).`,
        },
      ]);
      expect(await service.check()).toHaveLength(1);
    });

    it('The check reports that the service does not answer', async () => {
      const { service, raw } = await against(() => {});
      expect(await service.check()).toEqual([
        { message: `${raw.url}: The labeling service accepted a query but did not answer it (timeout).` },
      ]);
    });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
