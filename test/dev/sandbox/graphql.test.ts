import { deletedCount, sandboxes } from './sandbox-client';

const start = sandboxes();
const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string;

describe('POST /graphql of the sandbox', () => {
  it('executes the guide’s mutation and writes one ledger entry', async () => {
    const sandbox = await start();
    expect(await sandbox.relabel(['a', 'b'])).toMatchObject({ status: 200, body: deletedCount(2) });
    const entry = {
      projectId: 'p',
      labelIds: ['a', 'b'],
      applied: ['a', 'b'],
      makeTemplates: true,
      waitForQueue: true,
      at,
    };
    expect(await sandbox.ledgerOverHttp()).toEqual([entry]);
    expect(sandbox.ledger()).toEqual([entry]);
  });

  it('deletes a label once in each project; afterwards the label is gone', async () => {
    const sandbox = await start();
    await sandbox.relabel(['a']);
    expect((await sandbox.relabel(['a', 'b', 'b'])).body).toEqual(deletedCount(1));
    expect((await sandbox.relabel(['a', 'b'])).body).toEqual(deletedCount(0));
    expect((await sandbox.relabel(['a'], { project: 'q' })).body).toEqual(deletedCount(1));
    expect((await sandbox.ledgerOverHttp()).map(({ labelIds, applied }) => [labelIds, applied])).toEqual([
      [['a'], ['a']],
      [['a', 'b', 'b'], ['b']],
      [['a', 'b'], []],
      [['a'], ['a']],
    ]);
  });

  it('counts each label in only one of several concurrent calls', async () => {
    const sandbox = await start();
    await Promise.all(Array.from({ length: 20 }, () => sandbox.relabel(['a', 'b'])));
    expect(sandbox.ledger().flatMap(({ applied }) => applied)).toEqual(['a', 'b']);
    expect(sandbox.ledger()).toHaveLength(20);
  });

  it('refuses another key with 401 and the code AUTHENTICATION_ERROR, and changes nothing', async () => {
    const sandbox = await start();
    expect(await sandbox.relabel(['a'], { key: 'wrong' })).toMatchObject({
      status: 401,
      body: { errors: [{ extensions: { code: 'AUTHENTICATION_ERROR' } }] },
    });
    expect((await fetch(`${sandbox.url}/graphql`, { method: 'POST', body: '{}' })).status).toBe(401);
    expect(sandbox.ledger()).toEqual([]);
    expect((await sandbox.faults()).calls).toBe(2);
  });

  it.each([
    [
      'GRAPHQL_VALIDATION_FAILED',
      'mutation($labelIds: [ID!]) { project(where: { id: "p" }) { deleteLabels(ids: $labelIds) { count } } }',
    ],
    [
      'GRAPHQL_VALIDATION_FAILED',
      'mutation($labelIds: [ID!]) { project(where: { id: "p" }) { bulkDeleteLabels(where: { ids: $labelIds }) { count } } }',
    ],
    ['GRAPHQL_PARSE_FAILED', 'mutation {'],
  ])('refuses a query with 400 and %s: %s', async (code, query) => {
    const sandbox = await start();
    expect(await sandbox.relabel(['a'], { query })).toMatchObject({
      status: 400,
      body: { errors: [{ message: expect.any(String) as string, extensions: { code } }] },
    });
    expect(sandbox.ledger()).toEqual([]);
  });

  it('refuses a mutation without label ids, which a real service may apply to all labels', async () => {
    const sandbox = await start();
    expect((await sandbox.relabel(null)).body).toMatchObject({
      errors: [{ extensions: { code: 'MALFORMED_REQUEST' } }],
    });
    expect((await sandbox.relabel([])).body).toEqual(deletedCount(0));
  });

  it('refuses label ids that are not a list of ids', async () => {
    const sandbox = await start();
    expect((await sandbox.relabel([{ id: 'a' }])).body).toMatchObject({
      errors: [{ message: expect.stringContaining('labelIds') as string }],
    });
    expect(sandbox.ledger()).toEqual([]);
  });

  it('answers a query and writes no ledger entry', async () => {
    const sandbox = await start();
    expect(await sandbox.relabel(['a'], { query: '{ __typename }' })).toMatchObject({
      status: 200,
      body: { data: { __typename: 'Query' } },
    });
    expect(sandbox.ledger()).toEqual([]);
  });

  it('takes a hundred thousand labels in one call, and its ledger returns them', async () => {
    const sandbox = await start();
    const labelIds = Array.from(
      { length: 100_000 },
      (_, place) => `01234567-89ab-cdef-0123-${String(place).padStart(12, '0')}`,
    );
    expect((await sandbox.relabel(labelIds)).body).toEqual(deletedCount(100_000));
    expect((await sandbox.ledgerOverHttp())[0]?.applied).toHaveLength(100_000);
  });
});
