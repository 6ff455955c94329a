import { loadConfig } from '../../src/config/load-config';
import { aCrop, aFrame, exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';

/** The guide's sample handler has faults. Each test states what Requeue does instead of one, and a comment names the fault. */
let stack: Stack;

beforeAll(async () => {
  stack = await (await Stack.create({ CHUNK_LABELS: '10', CHUNKS_IN_FLIGHT: '1' })).startAll();
}, 60_000);

afterAll(() => stack.stop());
afterEach(() => stack.clearFaults());

// The sample handler reads an undefined `msg` on a bad secret.
it('The gateway refuses a wrong secret with a sentence, not with a server error', async () => {
  expect(await stack.post(exportBody('refused', ['x']), { 'x-aquarium-secret': 'wrong' })).toEqual({
    status: 401,
    body: {
      error: 'secret-wrong',
      message: expect.stringMatching(/^Bad Request: the secret in X-Aquarium-Secret is not the one/),
    },
  });
});

// The sample handler compares secrets with a plain `!=`.
it('The gateway accepts no part of a secret, and accepts each of several secrets', async () => {
  const statusWith = async (secret: string) =>
    (await stack.post({ event: 'issue-update' }, { 'x-aquarium-secret': secret })).status;
  for (const secret of ['new-secre', 'new-secret2', 'NEW-SECRET', 'old-secret,new-secret'])
    expect(await statusWith(secret)).toBe(401);
  for (const secret of ['old-secret', 'new-secret']) expect(await statusWith(secret)).toBe(202);
});

// In the sample handler a missing variable equals a missing header.
it('The gateway does not start without a secret', () => {
  expect(() => loadConfig({}, 'gateway')).toThrow('AQ_WEBHOOK_SECRET is not set');
  expect(() => loadConfig({ HOST: '0.0.0.0' }, 'dev')).toThrow('AQ_WEBHOOK_SECRET is not set');
});

// The sample handler answers 400.
it('The gateway answers 401 to a missing secret', async () => {
  expect(await stack.post(exportBody('refused', ['x']), {})).toMatchObject({
    status: 401,
    body: { error: 'secret-missing' },
  });
});

// The sample handler calls the labeling service inside the request.
it('The gateway answers a delivery while the labeling service hangs', async () => {
  await stack.fault({ kind: 'slow', delayMs: 3000, times: 1 });
  expect(await stack.post(exportBody('hangs', ['hangs-0']))).toMatchObject({
    status: 202,
    body: { status: 'accepted' },
  });
  expect(stack.sent('hangs-')).toEqual([]);
  await stack.untilDone('hangs'); // the only worker slot is free again for the next test
});

// The sample handler never reads the errors of an answer with status 200.
it('The worker does not count a label as done when the service reports an error with status 200', async () => {
  await stack.fault({ kind: 'graphql-error', status: 200, code: 'INTERNAL_SERVER_ERROR', times: 1 });
  await stack.post(exportBody('errors', ids('errors-', 3)));
  await stack.untilDone('errors');
  expect(stack.sent('errors-')).toEqual(ids('errors-', 3));
});

// The sample handler sends one unbounded list of ids.
it('The worker names at most one chunk of labels in a call', async () => {
  const { body } = await stack.post(exportBody('many', ids('many-', 95)));
  await stack.untilDone('many');
  const calls = stack.sandbox.ledger().filter(({ labelIds }) => labelIds[0]?.startsWith('many-'));
  expect(calls.map(({ labelIds }) => labelIds.length)).toEqual([10, 10, 10, 10, 10, 10, 10, 10, 10, 5]);
  expect(await stack.reportHead('many', body['revision'])).toMatchObject({ counts: { relabeled: 95 } });
});

// The sample handler ignores frame elements silently.
it('The report lists each frame element with the reason why it is left out', async () => {
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

// The sample handler sends every label of the frame.
it('The worker sends only the label that the crop stands for', async () => {
  await stack.post(exportBody('neighbours', ['near-0']));
  await stack.untilDone('neighbours');
  expect(stack.sent('near-')).toEqual(['near-0']);
});

// The sample handler runs with debug=True.
it('No answer of the gateway shows a stack, a path or a secret', async () => {
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

// The sample handler answers 400 to events that it knows and does not handle.
it.each(['dataset-complete', 'dataset-failed', 'issues-created', 'issue-update'])(
  'The gateway answers 202 to the event %s, and starts nothing',
  async (event) => {
    const before = await stack.inbox();
    expect(await stack.post({ event, project: 'street-scenes' })).toMatchObject({
      status: 202,
      body: { status: 'ignored' },
    });
    expect(await stack.inbox()).toEqual(before);
  },
);
