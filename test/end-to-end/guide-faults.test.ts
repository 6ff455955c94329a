import { loadConfig } from '../../src/config/load-config';
import { aCrop, aFrame, exportBody, ids } from '../support/builders';
import { Stack } from '../support/stack';

/** The guide's sample handler has these faults; each test is named after one, with what Requeue does instead. */
let stack: Stack;

beforeAll(async () => {
  stack = await (await Stack.create({ CHUNK_LABELS: '10', CHUNKS_IN_FLIGHT: '1' })).startAll();
}, 60_000);

afterAll(() => stack.stop());
afterEach(() => stack.clearFaults());

it('undefined msg on a bad secret: the refusal is a sentence, not an error of the server', async () => {
  expect(await stack.post(exportBody('refused', ['x']), { 'x-aquarium-secret': 'wrong' })).toEqual({
    status: 401,
    body: {
      error: 'secret-wrong',
      message: expect.stringMatching(/^Bad Request: the secret in X-Aquarium-Secret is not the one/),
    },
  });
});

it('plain != compare: no part of a secret is taken for it, and each of several is taken', async () => {
  const statusWith = async (secret: string) =>
    (await stack.post({ event: 'issue-update' }, { 'x-aquarium-secret': secret })).status;
  for (const secret of ['new-secre', 'new-secret2', 'NEW-SECRET', 'old-secret,new-secret'])
    expect(await statusWith(secret)).toBe(401);
  for (const secret of ['old-secret', 'new-secret']) expect(await statusWith(secret)).toBe(202);
});

it('a missing env secret equals a missing header: without a secret the gateway does not start', () => {
  expect(() => loadConfig({}, 'gateway')).toThrow('AQ_WEBHOOK_SECRET is not set');
  expect(() => loadConfig({ HOST: '0.0.0.0' }, 'dev')).toThrow('AQ_WEBHOOK_SECRET is not set');
});

it('400 for auth: a missing secret is 401', async () => {
  expect(await stack.post(exportBody('refused', ['x']), {})).toMatchObject({
    status: 401,
    body: { error: 'secret-missing' },
  });
});

it('work done inside the request: it is answered while the labeling service hangs', async () => {
  await stack.fault({ kind: 'slow', delayMs: 3000, times: 1 });
  expect(await stack.post(exportBody('hangs', ['hangs-0']))).toMatchObject({
    status: 202,
    body: { status: 'accepted' },
  });
  expect(stack.sent('hangs-')).toEqual([]);
  await stack.untilDone('hangs'); // the only worker slot is free again for the next test
});

it('errors in a 200 never read: what the service refused is not taken for done', async () => {
  await stack.fault({ kind: 'graphql-error', status: 200, code: 'INTERNAL_SERVER_ERROR', times: 1 });
  await stack.post(exportBody('errors', ids('errors-', 3)));
  await stack.untilDone('errors');
  expect(stack.sent('errors-')).toEqual(ids('errors-', 3));
});

it('one unbounded id list: a call names at most a chunk', async () => {
  const { body } = await stack.post(exportBody('many', ids('many-', 95)));
  await stack.untilDone('many');
  const calls = stack.sandbox.ledger().filter(({ labelIds }) => labelIds[0]?.startsWith('many-'));
  expect(calls.map(({ labelIds }) => labelIds.length)).toEqual([10, 10, 10, 10, 10, 10, 10, 10, 10, 5]);
  expect(await stack.reportHead('many', body['revision'])).toMatchObject({ counts: { relabeled: 95 } });
});

it('frame elements ignored in silence: each is in the report with the reason', async () => {
  const elements = [aFrame('frame-1', ['in-frame-0']), aCrop('crop-0')];
  const { body } = await stack.post({
    event: 'issue-exported',
    project: 'street-scenes',
    issue: { id: 'frames', elements },
  });
  await stack.untilDone('frames');
  expect(await stack.report('frames', body['revision'])).toMatchObject({
    labels: [{ labelId: 'crop-0', outcome: 'relabeled' }],
    leftOut: [{ element: 0, elementId: 'frame-1', reason: 'frame' }],
  });
});

it('every label of the frame is sent: only the one that the crop stands for goes', async () => {
  await stack.post(exportBody('neighbours', ['near-0']));
  await stack.untilDone('neighbours');
  expect(stack.sent('near-')).toEqual(['near-0']);
});

it('debug=True: no answer shows a stack, a path or a secret', async () => {
  const answers = [
    await stack.post('{', {}),
    await stack.post('{"event":'),
    await stack.post({ event: { a: 1 } }),
    await stack.replay('no-sha256'),
  ];
  for (const { status, body } of answers) {
    expect(status).toBeLessThan(500);
    expect(Object.keys(body).sort()).toEqual(['error', 'message']);
    expect(JSON.stringify(body)).not.toMatch(/\bat .*:\d+|node_modules|\/src\/|new-secret|token-of-ann/);
  }
});

it.each(['dataset-complete', 'dataset-failed', 'issues-created', 'issue-update'])(
  'known but unhandled events get 400: %s is answered with 202 and starts nothing',
  async (event) => {
    const before = await stack.inbox();
    expect(await stack.post({ event, project: 'street-scenes' })).toMatchObject({
      status: 202,
      body: { status: 'ignored' },
    });
    expect(await stack.inbox()).toEqual(before);
  },
);
