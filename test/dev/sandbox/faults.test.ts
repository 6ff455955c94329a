import { until } from '../../support/until';
import { deletedCount, sandboxes } from './sandbox-client';

const start = sandboxes();

describe('faults of the sandbox', () => {
  it.each([
    ['status', { kind: 'status', status: 502 }, 502, undefined],
    [
      'status with a code',
      { kind: 'status', status: 400, code: 'MALFORMED_REQUEST' },
      400,
      { code: 'MALFORMED_REQUEST' },
    ],
    [
      'graphql-error',
      { kind: 'graphql-error', code: 'INTERNAL_SERVER_ERROR', exceptionStatus: 422 },
      200,
      { code: 'INTERNAL_SERVER_ERROR', exception: { status: 422 } },
    ],
    [
      'graphql-error under a status',
      { kind: 'graphql-error', code: 'RESOURCE_CONFLICT', status: 409 },
      409,
      { code: 'RESOURCE_CONFLICT' },
    ],
    ['refuse-key', { kind: 'refuse-key' }, 401, { code: 'AUTHENTICATION_ERROR' }],
    ['poison', { kind: 'poison', labelIds: ['a', 'z'] }, 400, { code: 'MALFORMED_REQUEST' }],
  ])('"%s" answers without an effect', async (_kind, fault, status, extensions) => {
    const sandbox = await start();
    await sandbox.addFault({ ...fault, times: 1 });
    const answer = await sandbox.relabel(['a']);
    expect(answer.status).toBe(status);
    expect((answer.body as { errors: { extensions?: unknown }[] }).errors[0]?.extensions).toEqual(extensions);
    expect(sandbox.ledger()).toEqual([]);
    expect((await sandbox.relabel(['a'])).body).toEqual(deletedCount(1));
  });

  it.each([
    ['seconds', { kind: 'status', status: 429, retryAfter: 3 }, '3'],
    [
      'a date',
      { kind: 'status', status: 503, retryAfter: 'Tue, 24 Nov 2026 12:00:30 GMT' },
      'Tue, 24 Nov 2026 12:00:30 GMT',
    ],
  ])('"status" sends Retry-After as %s', async (_what, fault, header) => {
    const sandbox = await start();
    await sandbox.addFault(fault);
    expect((await sandbox.relabel(['a'])).headers.get('retry-after')).toBe(header);
  });

  it.each([500, 502, 504])('"status-after" has its effect and answers %i', async (status) => {
    const sandbox = await start();
    await sandbox.addFault({ kind: 'status-after', status, times: 1 });
    const answer = await sandbox.relabel(['a']);
    expect([answer.status, sandbox.ledger().flatMap(({ applied }) => applied)]).toEqual([status, ['a']]);
    expect((await sandbox.relabel(['a', 'b'])).body).toEqual(deletedCount(1));
  });

  it('"answer" has its effect and answers with the data that a test sets', async () => {
    const sandbox = await start();
    const data = { deleteLabels: { success: false } };
    await sandbox.addFault({ kind: 'answer', data, times: 1 });
    expect((await sandbox.relabel(['a'])).body).toEqual({ data });
    expect((await sandbox.relabel(['a', 'b'])).body).toEqual(deletedCount(1));
  });

  it('"graphql-error" answers with the message and the path that a test sets', async () => {
    const sandbox = await start();
    const error = { message: 'Project not found', path: ['project'] };
    await sandbox.addFault({ kind: 'graphql-error', code: 'RESOURCE_NOT_FOUND', ...error });
    expect((await sandbox.relabel(['a'])).body).toMatchObject({ errors: [error] });
  });

  it.each([
    ['reset-before', []],
    ['reset-after', ['a']],
    ['half-answer', ['a']],
    ['not-json', ['a']],
  ])('"%s" returns no usable answer', async (kind, effect) => {
    const sandbox = await start();
    await sandbox.addFault({ kind, times: 1 });
    await expect(sandbox.relabel(['a'])).rejects.toThrow(/fetch failed|terminated|JSON/);
    expect(sandbox.ledger().flatMap(({ applied }) => applied)).toEqual(effect);
    expect((await sandbox.relabel(['a', 'b'])).status).toBe(200);
  });

  it.each([
    ['hang', 0],
    ['hang-after', 1],
  ])('"%s" never answers', async (kind, entries) => {
    const sandbox = await start();
    await sandbox.addFault({ kind });
    const abort = new AbortController();
    const call = sandbox.relabel(['a'], { signal: abort.signal }).catch((error: unknown) => String(error));
    await until(
      'the fault to strike',
      async () => (await sandbox.faults()).faults[0]?.hits === 1 && sandbox.ledger().length === entries,
    );
    abort.abort();
    expect(await call).toMatch(/abort/i);
  });

  it('"poison" strikes only calls with a poisoned label, and names the refused labels', async () => {
    const sandbox = await start();
    await sandbox.addFault({ kind: 'poison', labelIds: ['bad', 'worse'] });
    expect((await sandbox.relabel(['good'])).body).toEqual(deletedCount(1));
    expect((await sandbox.relabel(['good', 'worse'])).body).toMatchObject({
      errors: [{ message: 'These labels cannot be deleted: worse' }],
    });
    expect((await sandbox.faults()).faults[0]?.hits).toBe(1);
  });

  it.each(['status', 'status-after', 'graphql-error', 'undercount'])(
    '"%s" with label ids strikes only calls with one of them',
    async (kind) => {
      const sandbox = await start();
      await sandbox.addFault({ kind, labelIds: ['own', 'other'] });
      expect((await sandbox.relabel(['a'])).body).toEqual(deletedCount(1));
      expect((await sandbox.relabel(['b', 'own'])).body).not.toEqual(deletedCount(2));
      expect((await sandbox.faults()).faults[0]?.hits).toBe(1);
    },
  );

  it('"undercount" has its effect and answers a count that is too low, never below zero', async () => {
    const sandbox = await start();
    await sandbox.addFault({ kind: 'undercount', by: 2 });
    expect((await sandbox.relabel(['a', 'b', 'c'])).body).toEqual(deletedCount(1));
    expect((await sandbox.relabel(['a'])).body).toEqual(deletedCount(0));
    expect(sandbox.ledger()[0]?.applied).toEqual(['a', 'b', 'c']);
  });

  it('"slow" delays the answer, also together with other faults', async () => {
    const sandbox = await start();
    await sandbox.addFault([
      { kind: 'slow', delayMs: 50 },
      { kind: 'status', times: 1 },
    ]);
    const began = performance.now();
    expect((await sandbox.relabel(['a'])).status).toBe(503);
    expect((await sandbox.relabel(['a'])).body).toEqual(deletedCount(1));
    expect(performance.now() - began).toBeGreaterThanOrEqual(95);
    expect((await sandbox.faults()).faults.map(({ kind, hits }) => [kind, hits])).toEqual([
      ['slow', 2],
      ['status', 1],
    ]);
  });

  it('only the first fault strikes, `times` times', async () => {
    const sandbox = await start();
    await sandbox.addFault({ kind: 'status', status: 500, times: 2 });
    await sandbox.addFault({ kind: 'status', status: 429, times: 1 });
    const statuses = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await sandbox.relabel(['a'])).status);
    expect(statuses).toEqual([500, 500, 429, 200]);
    expect(await sandbox.faults()).toMatchObject({ calls: 4, faults: [{ hits: 2 }, { hits: 1 }] });
  });

  it('a query uses up no fault except a refused key', async () => {
    const sandbox = await start();
    await sandbox.addFault([
      { kind: 'status', times: 1 },
      { kind: 'refuse-key', times: 1 },
    ]);
    const query = { query: '{ __typename }' };
    expect((await sandbox.relabel([], query)).status).toBe(401);
    expect((await sandbox.relabel([], query)).status).toBe(200);
    expect((await sandbox.relabel(['a'])).status).toBe(503);
  });

  it('DELETE clears the faults, and calls are still counted', async () => {
    const sandbox = await start();
    await sandbox.addFault({ kind: 'status' });
    await sandbox.relabel(['a']);
    const response = await fetch(`${sandbox.url}/faults`, { method: 'DELETE' });
    expect([response.status, await response.json()]).toEqual([200, { calls: 1, faults: [] }]);
    expect((await sandbox.relabel(['a'])).body).toEqual(deletedCount(1));
  });

  it.each([
    ['an unknown kind', { kind: 'explode' }],
    ['an unknown field', { kind: 'hang', status: 500 }],
    ['an invalid status', { kind: 'status', status: 42 }],
    ['a header that breaks the line', { kind: 'status', retryAfter: '1\r\nx: y' }],
    ['poison without labels', { kind: 'poison' }],
    ['a refused key of some labels', { kind: 'refuse-key', labelIds: ['a'] }],
    ['no label ids', { kind: 'hang', labelIds: [] }],
    ['no JSON', 'kind=hang'],
    ['nothing', ''],
  ])('POST /faults refuses %s with 400 and adds nothing', async (_what, fault) => {
    const sandbox = await start();
    expect(await sandbox.addFault(fault)).toMatchObject({
      status: 400,
      body: { errors: [{ message: expect.any(String) as string }] },
    });
    expect((await sandbox.faults()).faults).toEqual([]);
  });
});
