import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { parse } from 'csv-parse/sync';
import { request } from 'undici';
import type { ExportDetail, ExportList, FoundLabel } from '../../src/gateway/api/operator-api';
import { updateDispatchState } from '../../src/payloads/inbox-entry';
import { decisionProofsFolder, reportCsvKey } from '../../src/payloads/keys';
import { tempFolder } from '../payloads/temp-folder';
import { freePorts } from '../support/free-ports';
import { type SecondGateway, startSecondGateway } from '../support/harness/second-gateway';
import { exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';

/** Two destinations at the sandbox: one with a key that it accepts, one with a key that it refuses. */
const routes = `
destinations:
  - { name: first, adapter: labelbox, address: '\${LABELING_API_ENDPOINT}', key: '\${GOOD_KEY}', chunkLabels: 4 }
  - { name: second, adapter: labelbox, address: '\${LABELING_API_ENDPOINT}', key: '\${BAD_KEY}' }
routes:
  - { project: street-scenes, destination: first, approval: { above: 2 } }
  - { project: by-token, destination: first, approval: always, signals: ignore }
  - { project: free, destination: first, approval: never }
  - { project: bad-key, destination: second, approval: never }
`;
const folder = tempFolder();
const ann = { authorization: 'Bearer token-of-ann' };
const bob = { authorization: 'Bearer token-of-bob' };
const noSha = '0'.repeat(64);
/** This export waits at its question about labels 1 to 12 in every test. */
const asks = 'asks/"12"';
let revision: string;
let stack: Stack;
/** A second gateway on the same store, whose connection to Temporal the tests disturb. */
let second: SecondGateway;

beforeAll(async () => {
  const [sandbox] = await freePorts(1);
  const file = join(folder, 'requeue.yaml');
  writeFileSync(file, routes);
  stack = await Stack.create({
    REQUEUE_CONFIG: file,
    SANDBOX_PORT: String(sandbox),
    LABELING_API_ENDPOINT: `http://127.0.0.1:${sandbox}/graphql`,
    GOOD_KEY: 'sandbox-key',
    BAD_KEY: 'unknown-key',
    OPERATOR_TOKENS: 'ann:token-of-ann,bob:token-of-bob',
  });
  await stack.startAll();
  second = await startSecondGateway(stack);
  revision = await question(asks, ids('a-', 12));
}, 60_000);

afterAll(async () => {
  await second?.close();
  await stack?.stop();
});

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly bytes: Buffer;
  readonly text: string;
  readonly body: Record<string, unknown> & { readonly error?: string; readonly message?: string };
}

/** @param body sent unchanged when it is a string or a Buffer. */
async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = ann,
  base = stack.url,
): Promise<Answer> {
  const content =
    body === undefined
      ? null
      : typeof body === 'string' || Buffer.isBuffer(body)
        ? body
        : JSON.stringify(body);
  const answered = await request(`${base}${path}`, { method: method as 'GET', headers, body: content });
  const bytes = Buffer.from(await answered.body.arrayBuffer());
  const text = bytes.toString('utf8');
  const isJson = String(answered.headers['content-type']).startsWith('application/json') && text !== '';
  return {
    bytes,
    status: answered.statusCode,
    headers: answered.headers,
    text,
    body: (isJson ? JSON.parse(text) : {}) as Answer['body'],
  };
}

const askSecond = (method: string, path: string, body?: unknown) =>
  ask(method, path, body, ann, `http://127.0.0.1:${second.port}`);
const at = (issueId: string, more = '') => `/api/exports/${encodeURIComponent(issueId)}${more}`;
const decide = (issueId: string, decision: unknown, who = ann) =>
  ask('POST', at(issueId, '/decision'), decision, who);
const show = async (issueId: string) => (await ask('GET', at(issueId))).body as unknown as ExportDetail;
const list = async (query = '') => (await ask('GET', `/api/exports${query}`)).body as unknown as ExportList;
const refused = (status: number, error: string) => ({ status, body: { error } });

/** Exports labels of a project. @returns the revision. */
async function send(
  issueId: string,
  labelIds: readonly string[],
  project = 'street-scenes',
): Promise<string> {
  const { status, body } = await stack.post(exportBody(issueId, labelIds, { project }));
  expect(status).toBe(202);
  return String(body['revision']);
}

/** The sha256 of the delivery of a revision. */
async function shaOf(ofRevision: string): Promise<string> {
  const found = (await stack.store.list('deliveries/')).find((name) => name.startsWith(ofRevision));
  return found ?? noSha;
}

async function question(issueId: string, labelIds: readonly string[], project?: string): Promise<string> {
  const asked = await send(issueId, labelIds, project);
  await stack.untilStage(issueId, 'awaiting-approval', asked);
  return asked;
}

describe('without a right token', () => {
  it('Every route answers 401 with the same sentence, whether the issue exists or not', async () => {
    const paths: [string, (issueId: string) => string][] = [
      ['GET', () => '/api/exports'],
      ['GET', (issueId) => at(issueId)],
      ['HEAD', (issueId) => at(issueId)],
      ...['json', 'csv', 'xml'].map((form): [string, (issueId: string) => string] => [
        'GET',
        (issueId) => at(issueId, `/report.${form}`),
      ]),
      ...['decision', 'pause', 'resume', 'cancel'].map((action): [string, (issueId: string) => string] => [
        'POST',
        (issueId) => at(issueId, `/${action}`),
      ]),
      ['POST', () => '/api/destinations/first/resume'],
      ['GET', () => '/api/labels/a-0'],
      ['POST', () => `/api/deliveries/${noSha}/replay`],
      ['POST', () => `/api/deliveries/${noSha}/drop`],
    ];
    const seen = new Set<string>();
    for (const issueId of [asks, 'unknown'])
      for (const [method, path] of paths) {
        const { status, headers, text } = await ask(
          method,
          path(issueId),
          method === 'POST' ? '{broken' : undefined,
          {},
        );
        expect([method, path(issueId), status]).toEqual([method, path(issueId), 401]);
        expect(headers['www-authenticate']).toBe('Bearer realm="requeue"');
        if (method !== 'HEAD') seen.add(text);
      }
    const almost: Record<string, string>[] = [
      'Bearer ',
      'token-of-ann',
      `Basic ${Buffer.from('ann:token-of-ann').toString('base64')}`,
    ].map((authorization) => ({ authorization }));
    for (const headers of almost) seen.add((await ask('GET', at(asks), undefined, headers)).text);
    expect([...seen].map((text) => JSON.parse(text) as object)).toEqual([
      {
        error: 'token-missing',
        message: 'Unauthorized: expected an operator token as Authorization: Bearer <token>.',
      },
    ]);
  });

  it('No other spelling of a path bypasses the token', async () => {
    for (const path of [
      '/API/exports',
      '/api/exports/',
      '//api/exports',
      '/api//exports',
      '/%61pi/exports',
      '/x/../api/exports',
    ])
      for (const more of ['', encodeURIComponent(asks)]) {
        const { status, text } = await ask('GET', `${path}${more === '' ? '' : `/${more}`}`, undefined, {});
        expect([path, [401, 404].includes(status)]).toEqual([path, true]);
        expect(text).not.toContain(revision);
      }
  });

  it('Wrong tokens are delayed and get the same sentence; a right token is answered meanwhile', async () => {
    let wrong = 0;
    const tries = [asks, 'unknown', asks].map((issueId, index) =>
      ask('GET', at(issueId), undefined, {
        authorization: `Bearer ${['token-of-an', 'token-of-annn', 'TOKEN-OF-ANN'][index]}`,
      }).finally(() => (wrong += 1)),
    );
    expect(await ask('GET', at(asks))).toMatchObject({ status: 200, body: { revision } });
    expect(wrong).toBeLessThan(tries.length);
    const answers = await Promise.all(tries);
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]).toMatchObject(refused(401, 'token-wrong'));
  });
});

describe('a refusal, which decides and writes nothing', () => {
  const yes = () => ({ decision: 'approve', revision });

  it('The gateway refuses upTo unless it is a whole number from 1 to the plan’s labels', async () => {
    for (const upTo of [0, -1, 1.5, '3', true, [3], {}, 13, 1e15, 1e300, 2 ** 53])
      expect([upTo, await decide(asks, { ...yes(), upTo })]).toMatchObject([upTo, refused(400, 'bad-up-to')]);
    expect(await decide(asks, `{"decision":"approve","revision":"${revision}","upTo":1e400}`)).toMatchObject(
      refused(400, 'bad-up-to'),
    );
    expect(await decide(asks, { ...yes(), decision: 'reject', upTo: 3 })).toMatchObject(
      refused(400, 'bad-up-to'),
    );
    expect((await decide(asks, { ...yes(), upTo: 13 })).body.message).toBe(
      'Bad Request: Expected upTo to be a whole number from 1 to the plan’s 12 labels, got 13.',
    );
  });

  it('The gateway refuses a misspelt upTo: without it all labels would be approved', async () => {
    for (const name of ['upto', 'UpTo', 'up_to', 'up-to', 'UPTO']) {
      const { status, body } = await decide(asks, { ...yes(), [name]: 3 });
      expect({ status, ...body }).toEqual({
        status: 400,
        error: 'bad-up-to',
        message: `Bad Request: expected upTo, and not ${name}: without upTo, all labels would be approved.`,
      });
    }
  });

  it('The gateway refuses a body that is not a decision', async () => {
    const cases: [unknown, number, string][] = [
      [undefined, 400, 'bad-decision'],
      ['', 400, 'bad-decision'],
      ['{}', 400, 'bad-decision'],
      ['[]', 400, 'not-an-object'],
      ['null', 400, 'not-an-object'],
      ['"approve"', 400, 'not-an-object'],
      ['{"decision":"approve"', 400, 'broken-json'],
      ['decision=approve', 400, 'broken-json'],
      [`\uFEFF${JSON.stringify(yes())}`, 400, 'broken-json'],
      [Buffer.from('{"decision":"approve","reason":"\xE9"}', 'latin1'), 400, 'bad-utf8'],
      [{ ...yes(), decision: 'yes' }, 400, 'bad-decision'],
      [{ ...yes(), decision: ['approve'] }, 400, 'bad-decision'],
      [{ decision: 'approve' }, 400, 'bad-revision'],
      [{ ...yes(), revision: revision.slice(1) }, 400, 'bad-revision'],
      [{ ...yes(), revision: `${revision}0` }, 400, 'bad-revision'],
      [{ ...yes(), revision: 'ABCDEF012345' }, 400, 'bad-revision'],
      [{ ...yes(), revision: 123456789012 }, 400, 'bad-revision'],
      [{ ...yes(), reason: 7 }, 400, 'bad-reason'],
      [{ ...yes(), note: 'a key of a later version' }, 400, 'bad-decision'],
      [{ ...yes(), plan: 'abc' }, 400, 'bad-plan'],
      [{ ...yes(), reason: ['x'] }, 400, 'bad-reason'],
      [{ ...yes(), reason: 'x'.repeat(2001) }, 400, 'bad-reason'],
      [{ ...yes(), more: 'x'.repeat(17_000) }, 413, 'body-too-large'],
    ];
    for (const [body, status, error] of cases)
      expect([body, await decide(asks, body)]).toMatchObject([body, refused(status, error)]);
    for (const action of ['pause', 'resume', 'cancel']) {
      expect(await ask('POST', at(asks, `/${action}`), { reason: 'x'.repeat(2001) })).toMatchObject(
        refused(400, 'bad-reason'),
      );
      expect(await ask('POST', at(asks, `/${action}`), '[]')).toMatchObject(refused(400, 'not-an-object'));
    }
  });

  it('The gateway refuses a decision about another revision and names both', async () => {
    for (const other of ['abcdefabcdef', 'ab'.repeat(32)]) {
      const answer = await decide(asks, { decision: 'approve', revision: other });
      expect(answer).toMatchObject(refused(409, 'wrong-revision'));
      expect(answer.body.message).toBe(
        `Conflict: The export is at revision ${revision}, and the decision names revision ${other.slice(0, 12)}.`,
      );
    }
  });

  it('The gateway refuses every request about an unknown issue, destination or delivery', async () => {
    const sentence = 'Not Found: Requeue has no export of the issue "no/body".';
    expect(await ask('GET', at('no/body'))).toMatchObject({
      status: 404,
      body: { error: 'no-such-export', message: sentence },
    });
    expect(await decide('no/body', yes())).toMatchObject({
      status: 404,
      body: { error: 'no-such-export', message: sentence },
    });
    for (const action of ['pause', 'resume', 'cancel'])
      expect(await ask('POST', at('no/body', `/${action}`))).toMatchObject({
        status: 404,
        body: { error: 'no-such-export' },
      });
    for (const form of ['json', 'csv'])
      expect(await ask('GET', at('no/body', `/report.${form}`))).toMatchObject(
        refused(404, 'no-such-report'),
      );
    expect(await ask('POST', '/api/destinations/third/resume')).toMatchObject({
      status: 404,
      body: {
        error: 'no-such-destination',
        message: 'Not Found: expected one of the destinations first, second.',
      },
    });
    expect(await ask('GET', `/api/labels/${encodeURIComponent('no/label')}`)).toMatchObject({
      status: 200,
      body: { labelId: 'no/label', exports: [] },
    });
    expect(await ask('POST', `/api/deliveries/${noSha}/replay`)).toMatchObject(
      refused(404, 'no-such-delivery'),
    );
    expect(await ask('POST', '/api/deliveries/abc/replay')).toMatchObject(refused(400, 'not-a-sha256'));
    expect(await ask('POST', `/api/deliveries/${noSha}/replay`, { force: 'yes' })).toMatchObject(
      refused(400, 'not-a-boolean'),
    );
    expect(await ask('DELETE', at(asks))).toMatchObject({
      ...refused(405, 'method-not-allowed'),
      headers: { allow: 'GET, HEAD' },
    });
  });

  it('The gateway refuses an invalid list or report query', async () => {
    const cases: [string, number, string][] = [
      ['/api/exports?stage=done', 400, 'bad-stage'],
      ...['0', '-1', '101', '1.5', 'x', '1e400'].map((limit): [string, number, string] => [
        `/api/exports?limit=${limit}`,
        400,
        'bad-limit',
      ]),
      ['/api/exports?limit=1&limit=2', 400, 'twice'],
      ...['x', 't:', 't:!', 's:../x', 's:A'].map((page): [string, number, string] => [
        `/api/exports?page=${page}`,
        400,
        'bad-page',
      ]),
      [at(asks, '/report.xml'), 404, 'not-found'],
      [at(asks, '/report.json'), 404, 'no-such-report'],
      [at(asks, `/report.json?revision=${revision.toUpperCase()}A`), 400, 'bad-revision'],
      ...['0', '-1', '1.5', 'x'].map((attempt): [string, number, string] => [
        at(asks, `/report.csv?attempt=${attempt}`),
        400,
        'bad-revision',
      ]),
    ];
    for (const [path, status, error] of cases)
      expect([path, await ask('GET', path)]).toMatchObject([path, refused(status, error)]);
  });

  it('The gateway refuses a page token that Temporal never issued, at once', async () => {
    for (const page of ['AAAA', 'AA', 'W10']) {
      const from = second.proxy.calls.length;
      expect(await askSecond('GET', `/api/exports?page=t:${page}`)).toMatchObject(refused(400, 'bad-page'));
      expect(second.proxy.calls.slice(from)).toEqual(['ListWorkflowExecutions']);
    }
  });

  afterAll(async () => {
    expect(await show(asks)).toMatchObject({
      revision,
      stage: 'awaiting-approval',
      approval: { question: 1, upTo: 0 },
      decisions: [],
      log: [],
    });
    expect(await stack.store.list(decisionProofsFolder(asks))).toEqual([]);
    expect(stack.sent('a-')).toEqual([]);
  });
});

describe('a decision', () => {
  it('A decision about the first labels that is sent again counts once, with a reason of 2,000 characters', async () => {
    const reason = `"${'\u{1F600}'.repeat(900)}\n${'x'.repeat(198)}`;
    const repeated = await question('again', ids('again-', 6));
    const decision = { decision: 'approve', revision: repeated, upTo: 2, reason };
    expect(reason).toHaveLength(2000);
    for (const { status, body } of await Promise.all(
      [decision, decision, decision].map((one) => decide('again', one)),
    ))
      expect([
        status,
        body['issueId'],
        body['revision'],
        ['answered', 'done'].includes(String(body['result'])),
      ]).toEqual([200, 'again', repeated, true]);
    await until('the second question', async () => (await stack.progress('again')).approval.question === 2);
    expect(await decide('again', decision)).toMatchObject({
      status: 200,
      body: { result: 'done', message: 'Labels 1 to 2 are already approved.' },
    });
    const [entry] = await stack.inbox('again');
    expect(
      await decide('again', { decision: 'approve', revision: entry?.request.sha256, reason: '' }, bob),
    ).toMatchObject({
      status: 200,
      body: { result: 'answered', revision: repeated },
    });
    await stack.untilDone('again');
    expect(stack.sent('again-')).toEqual(ids('again-', 6));
    expect((await stack.reportHead('again', repeated))?.decisions).toMatchObject([
      { upTo: 2, who: 'ann (token)' },
      { upTo: 6, who: 'bob (token)' },
    ]);
    const { decisions } = await show('again');
    expect(
      decisions.filter(({ upTo }) => upTo === 2).every((one) => one.reason === reason && one.by === 'ann'),
    ).toBe(true);
  });

  it('A decision that contradicts another at the same instant is refused and leaves no record', async () => {
    const torn = await question('torn', ids('torn-', 3));
    const answers = await Promise.all([
      decide('torn', { decision: 'approve', revision: torn }),
      decide('torn', { decision: 'reject', revision: torn }, bob),
    ]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    await stack.untilDone('torn');
    const isSent = answers[0].status === 200;
    expect(stack.sent('torn-')).toEqual(isSent ? ids('torn-', 3) : []);
    expect((await show('torn')).decisions).toMatchObject([
      { decision: isSent ? 'approve' : 'reject', by: isSent ? 'ann' : 'bob' },
    ]);
  });

  it('The gateway refuses a decision about another plan of the revision, and states how many labels differ', async () => {
    const first = await question('two-plans', ids('two-', 5));
    const { plan: before } = await show('two-plans');
    expect(before?.plan).toBe((await stack.progress('two-plans')).plan);
    await send('two-plans', ids('two-', 2));
    await stack.untilStage('two-plans', 'completed');
    await ask('POST', `/api/deliveries/${await shaOf(first)}/replay`, {});
    await stack.untilStage('two-plans', 'awaiting-approval', first);
    const decision = { decision: 'approve', revision: first, upTo: 1 };
    const { plan: now } = await show('two-plans');
    const refusal = await decide('two-plans', { ...decision, plan: before?.plan });
    expect(refusal).toMatchObject(refused(409, 'plan-changed'));
    expect(refusal.body.message).toBe(
      `Conflict: the plan was made again: 2 labels fewer. Read the plan ${now?.plan}, then decide.`,
    );
    expect(await decide('two-plans', { ...decision, plan: '0123456789ab' })).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('made again: it has 3 labels now.') as string },
    });
    expect(await decide('two-plans', { ...decision, plan: now?.plan })).toMatchObject({
      status: 200,
      body: { result: 'answered' },
    });
    expect((await show('two-plans')).decisions).toMatchObject([{ upTo: 1, plan: now?.plan }]);
    await until('the second question', async () => (await stack.progress('two-plans')).approval.upTo === 1);
    expect(await decide('two-plans', { decision: 'reject', revision: first })).toMatchObject({ status: 200 });
    await stack.untilDone('two-plans');
  });

  it('A decision before its question is kept for it; where the route ignores signals only a token counts', async () => {
    const first = await question('route', ids('route-', 3));
    const second = await send('route', ids('token-', 3), 'by-token');
    await until('the queued request', async () => (await stack.progress('route')).queued === 1);
    expect(await decide('route', { decision: 'approve', revision: second, upTo: 1 })).toMatchObject({
      status: 200,
      body: { result: 'early' },
    });
    await decide('route', { decision: 'reject', revision: first });
    await until('its second question', async () => {
      const { approval, revision: now } = await stack.progress('route');
      return now === second && approval.upTo === 1 && approval.question !== undefined;
    });
    const said = { revision: second, by: 'ann' };
    await stack.workflow('route').signal('approve', said);
    await stack.workflow('route').signal('reject', { by: 'bob (token)' });
    await stack.workflow('route').signal('approve', {
      ...said,
      record: (await stack.store.list(decisionProofsFolder('route')))[0]?.slice(0, -5),
    });
    const update = stack
      .workflow('route')
      .executeUpdate('decide', { args: [{ ...said, decision: 'approve' }] });
    await expect(update).rejects.toThrow(WorkflowUpdateFailedError);
    const { stage, log } = await until('all entries of the log', async () => {
      const seen = await show('route');
      return seen.log.length >= 5 && seen;
    });
    expect(stage).toBe('awaiting-approval');
    const ignored =
      'decided nothing: the route accepts decisions only with an operator token, through the page, the API or a requeue command.';
    expect(log.map(({ text }) => text).filter((text) => text.includes(ignored))).toEqual([
      `Signal approve by "ann" (claimed) ${ignored}`,
      `Signal reject by "bob (token)" (claimed) ${ignored}`,
    ]);
    expect(log.some(({ text }) => text.includes('got "record"'))).toBe(true);
    expect(stack.sent('token-')).toEqual(ids('token-', 1));
    expect(await decide('route', { decision: 'approve', revision: second }, bob)).toMatchObject({
      status: 200,
      body: { result: 'answered' },
    });
    await stack.untilDone('route');
    expect((await stack.reportHead('route', second))?.decisions).toMatchObject([
      { upTo: 1, who: 'ann (token)' },
      { upTo: 3, who: 'bob (token)' },
    ]);
    expect(await ask('GET', '/api/labels/token-2')).toMatchObject({
      body: { exports: [{ revision: second, decision: 'bob (token)' }] },
    });
  });
});

it('An operator pauses, resumes and cancels an export; an ended export answers 409 with its outcome', async () => {
  const steered = await question('steered', ids('steered-', 3));
  expect(await ask('POST', at('steered', '/pause'), { reason: 'lunch' })).toMatchObject({
    status: 202,
    body: {
      issueId: 'steered',
      action: 'pause',
      message: 'Pause requested: calls in flight finish, then nothing more is sent until you resume.',
    },
  });
  await stack.untilStage('steered', 'paused');
  const asCurl = { ...ann, 'content-type': 'application/x-www-form-urlencoded' }; // curl's default content type
  expect(await ask('POST', at('steered', '/resume'), { reason: '' }, asCurl)).toMatchObject({
    status: 202,
    body: { action: 'resume' },
  });
  await stack.untilStage('steered', 'awaiting-approval');
  expect(await ask('POST', at('steered', '/cancel'), { reason: 'by mistake' }, bob)).toMatchObject({
    status: 202,
    body: { action: 'cancel' },
  });
  await stack.untilDone('steered');
  expect((await show('steered')).decisions).toMatchObject([
    { decision: 'pause', by: 'ann', reason: 'lunch' },
    { decision: 'resume', by: 'ann' },
    { decision: 'cancel', by: 'bob', reason: 'by mistake' },
  ]);
  const no = await question('no', ids('no-', 3));
  await decide('no', { decision: 'reject', revision: no, reason: 'wrong class' });
  await stack.untilDone('no');
  await question('killed', ids('killed-', 3));
  await stack.workflow('killed').terminate();
  const how = {
    steered: `the export of the issue "steered" has ended: revision ${steered} cancelled.`,
    no: `the export of the issue "no" has ended: revision ${no} rejected.`,
    killed: 'the workflow of the issue "killed" ended (TERMINATED) without a report.',
  };
  for (const [issueId, sentence] of Object.entries(how))
    for (const action of ['decision', 'pause', 'resume', 'cancel']) {
      const answer = await ask('POST', at(issueId, `/${action}`), { decision: 'approve', revision: steered });
      expect([action, answer]).toMatchObject([action, refused(409, 'export-closed')]);
      expect(answer.body.message).toBe(`Conflict: ${sentence}`);
    }
  expect((await show('steered')).decisions).toHaveLength(3);
});

it('Resuming a destination resumes the exports that it paused, and no other', async () => {
  await stack.fault({ kind: 'refuse-key' });
  const waiting = ['free-1', 'free-2', 'free-3', 'other'];
  for (const issueId of waiting)
    await send(issueId, ids(`${issueId}-`, 5), issueId === 'other' ? 'bad-key' : 'free');
  for (const issueId of waiting) await stack.untilStage(issueId, 'paused');
  await ask('POST', at('free-3', '/pause'), { reason: 'a person’s own' });
  await until('a person’s pause', async () => (await show('free-3')).pausedBecause?.includes('An operator'));
  await until('all four in the list', async () => (await list('?stage=paused')).exports.length === 4);
  await stack.clearFaults();
  const before = await show('other');
  const { status, body } = await ask('POST', '/api/destinations/first/resume');
  expect([status, body['resumed']]).toEqual([200, expect.arrayContaining(['free-1', 'free-2'])]);
  expect(body['resumed']).not.toContain('other');
  expect(body['resumed']).not.toContain('free-3');
  for (const issueId of ['free-1', 'free-2']) {
    await stack.untilDone(issueId);
    expect((await show(issueId)).log).toContainEqual(
      expect.objectContaining({ text: 'Resumed with its destination by ann (token) through the API.' }),
    );
  }
  expect(await show('other')).toEqual(before);
  expect(await show('free-3')).toMatchObject({ stage: 'paused', pausedBy: 'person' });
  expect([...stack.sent('free-1-'), ...stack.sent('free-2-')].toSorted()).toEqual([
    ...ids('free-1-', 5),
    ...ids('free-2-', 5),
  ]);
});

it('A report is a download: the newest of an issue, or that of a revision and attempt; labels are found in all', async () => {
  const odd = 'a/b "c",\\\u00fc\n=1+1';
  const body = exportBody('reported', [odd, ...ids('reported-', 2)]);
  await stack.post(body);
  await stack.untilStage('reported', 'awaiting-approval');
  const { revision: both } = await show('reported');
  const [entry] = await stack.inbox('reported');
  await decide('reported', { decision: 'reject', revision: both, reason: 'not yet' });
  await stack.untilDone('reported');
  expect(await ask('POST', `/api/deliveries/${entry?.request.sha256}/replay`)).toMatchObject({
    status: 202,
    body: { issueId: 'reported', revision: both, released: false },
  });
  await until('the second attempt', async () => (await stack.progress('reported')).attempt === 2);
  await stack.untilStage('reported', 'awaiting-approval');
  expect(await ask('GET', at('reported', '/report.json'))).toMatchObject({
    status: 200,
    body: { attempt: 1, outcome: 'rejected' },
  });
  await decide('reported', { decision: 'approve', revision: both });
  await stack.untilDone('reported');

  const json = await ask('GET', at('reported', '/report.json'));
  expect(json.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'content-disposition': `attachment; filename="requeue-${both}-2.json"`,
    'content-length': String(Buffer.byteLength(json.text)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  expect(json.body).toMatchObject({ attempt: 2, outcome: 'completed', labels: [{ labelId: odd }, {}, {}] });
  const old = await ask('GET', at('reported', `/report.json?revision=${both}&attempt=1`));
  expect(old.body).toMatchObject({
    attempt: 1,
    outcome: 'rejected',
    labels: [{ outcome: 'withheld' }, {}, {}],
  });
  const csv = await ask('GET', at('reported', '/report.csv?attempt=2'));
  expect(csv.headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="requeue-${both}-2.csv"`,
  });
  expect(parse(csv.text, { columns: true, bom: true, record_delimiter: '\r\n' })).toHaveLength(3);
  const excel = await ask('GET', at('reported', '/report.csv?attempt=2&excel=true'));
  expect(excel.bytes).toEqual(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), csv.bytes]));
  expect(excel.headers['content-length']).toBe(String(excel.bytes.length));
  expect(await ask('GET', at('reported', '/report.json?attempt=2&excel=true'))).toMatchObject({
    bytes: json.bytes,
  });
  expect(await ask('GET', at('reported', '/report.csv?excel=yes'))).toMatchObject(
    refused(400, 'not-a-boolean'),
  );
  expect(await ask('HEAD', at('reported', '/report.csv'))).toMatchObject({
    status: 200,
    headers: { 'content-length': csv.headers['content-length'] },
  });
  expect(await ask('GET', at('reported', '/report.csv?attempt=3'))).toMatchObject(
    refused(404, 'no-such-report'),
  );
  expect(await ask('GET', at('reported', '/report.csv?revision=abcdefabcdef'))).toMatchObject(
    refused(404, 'no-such-report'),
  );

  const found = (await ask('GET', `/api/labels/${encodeURIComponent(odd)}`)).body['exports'] as FoundLabel[];
  expect(found).toMatchObject([
    {
      issueId: 'reported',
      attempt: 2,
      position: 1,
      outcome: 'relabeled',
      exportOutcome: 'completed',
      decision: 'ann (token)',
    },
    { issueId: 'reported', attempt: 1, position: 1, outcome: 'withheld', exportOutcome: 'rejected' },
  ]);
  expect((await show('reported')).reports.map(({ attempt }) => attempt)).toEqual([2, 1]);
  await rm(join(stack.folder, reportCsvKey({ issueId: 'reported', revision: both, attempt: 1 })));
  expect(await ask('GET', at('reported', '/report.csv?attempt=1'))).toMatchObject(
    refused(404, 'no-such-report'),
  );
});

describe('between two calls to Temporal', () => {
  afterEach(() => {
    second.beforeRecord = async () => undefined;
    second.proxy.fault = () => undefined;
  });

  it('An export may end: steering and deciding report it and leave no record', async () => {
    for (const action of ['pause', 'resume', 'cancel', 'decision']) {
      const issueId = `ends-${action}`;
      const ends = await question(issueId, ids(`${issueId}-`, 3));
      second.beforeRecord = () => stack.workflow(issueId).terminate();
      const answer = await askSecond('POST', at(issueId, `/${action}`), {
        decision: 'approve',
        revision: ends,
      });
      expect([action, answer]).toMatchObject([action, refused(409, 'export-closed')]);
      expect(answer.body.message).toBe('Conflict: the export ended just now. Read its report.');
      expect((await show(issueId)).decisions).toEqual([]);
    }
  });

  it('Temporal may go away: a running export cannot be shown', async () => {
    second.proxy.fault = (method) =>
      method === 'QueryWorkflow' ? { code: 14, message: 'unavailable' } : undefined;
    expect(await askSecond('GET', at(asks))).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
      body: {
        error: 'no-temporal',
        message: 'Service Unavailable: Temporal does not answer now. Try again in a moment.',
      },
    });
  });

  it('Temporal may drop a run: the list continues without it', async () => {
    second.proxy.fault = (method) =>
      method === 'DescribeWorkflowExecution' ? { code: 5, message: 'workflow not found' } : undefined;
    const { status, body } = await askSecond('GET', '/api/exports?issue=rep');
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({
        exports: [expect.objectContaining({ issueId: 'reported', source: 'store' })],
      }),
    ]);
  });

  it('Temporal may fall silent: the list is answered from the store, without another call for each export', async () => {
    second.proxy.fault = () => 'silence';
    const from = second.proxy.calls.length;
    const { status, body } = await askSecond('GET', '/api/exports?stage=completed');
    expect([status, (body as unknown as ExportList).warnings]).toEqual([
      200,
      [
        'Temporal does not answer, so running exports cannot be listed. Ended exports are listed from the reports in the store.',
      ],
    ]);
    expect((body['exports'] as object[]).length).toBeGreaterThan(3);
    expect(second.proxy.calls.slice(from)).toEqual(['ListWorkflowExecutions']);
  });
});

it('A decision whose answer was lost gets that answer again; a late decision of another operator does not', async () => {
  const lost = await question('lost', ids('lost-', 30));
  await stack.fault({ kind: 'slow', delayMs: 300 }); // while it is being sent
  const decision = { decision: 'approve', revision: lost };
  const answered = await decide('lost', decision);
  expect(answered).toMatchObject({ status: 200, body: { result: 'answered' } });
  await stack.untilStage('lost', 'sending');
  expect(await decide('lost', decision)).toMatchObject({ status: 200, body: answered.body });
  expect(await decide('lost', decision, bob)).toMatchObject(refused(409, 'already-decided'));
  expect(await decide('lost', { ...decision, decision: 'reject' })).toMatchObject(
    refused(409, 'already-decided'),
  );
  expect((await show('lost')).decisions).toMatchObject([{ decision: 'approve', by: 'ann' }]);
  await stack.clearFaults();
  await stack.untilDone('lost');
  expect(stack.sent('lost-').toSorted()).toEqual(ids('lost-', 30).toSorted());
});

it('A request that is accepted and not dispatched, or held, is known to the API', async () => {
  await stack.stopGateway();
  const body = JSON.stringify(exportBody('new', ids('new-', 3)));
  const headers = { 'x-aquarium-secret': 'new-secret', 'content-type': 'application/json' };
  const accepted = await ask('POST', '/webhook', body, headers, `http://127.0.0.1:${second.port}`);
  expect(accepted.status).toBe(202); // by the second gateway, which has no dispatcher
  for (const action of ['decision', 'pause'])
    expect(
      await askSecond('POST', at('new', `/${action}`), {
        decision: 'approve',
        revision: accepted.body['revision'],
      }),
    ).toMatchObject({
      ...refused(503, 'not-started'),
      headers: { 'retry-after': '5' },
    });
  expect((await askSecond('GET', at('new'))).body).toMatchObject({ stage: 'preparing', source: 'store' });
  expect((await askSecond('GET', '/api/exports?issue=new')).body).toMatchObject({
    notStarted: [{ issueId: 'new' }],
    held: [],
  });
  const [entry] = await stack.inbox('new');
  if (entry) await updateDispatchState(stack.store, { ...entry, handOver: { held: 'Temporal refuses it.' } });
  for (const action of ['decision', 'cancel']) {
    const held = await askSecond('POST', at('new', `/${action}`), {
      decision: 'approve',
      revision: accepted.body['revision'],
    });
    expect(held).toMatchObject(refused(409, 'request-held'));
    expect(held.body.message).toBe(
      'Conflict: the request for the issue "new" is held (Temporal refuses it.); replay or drop its delivery.',
    );
  }
  expect((await askSecond('GET', '/api/exports?issue=new')).body).toMatchObject({
    notStarted: [],
    held: [{ issueId: 'new', because: 'Temporal refuses it.' }],
  });
  await stack.startGateway();
  expect(await ask('POST', `/api/deliveries/${entry?.request.sha256}/replay`)).toMatchObject({
    status: 202,
    body: { requestId: accepted.body['requestId'], released: true },
  });
  await stack.untilStage('new', 'awaiting-approval');
  expect(await decide('new', { decision: 'reject', revision: accepted.body['revision'] })).toMatchObject({
    status: 200,
  });
  await stack.untilDone('new');
});

it('The list has each export once over all pages; filters take any text as text', async () => {
  await until('the last to have ended', async () => (await list('?issue=new')).exports[0]?.isOpen === false); // it moves in the list then
  const all = await walk('');
  expect(all).toEqual([...new Set(all)]);
  expect(all).toEqual(
    expect.arrayContaining([
      asks,
      'again',
      'torn',
      'route',
      'steered',
      'no',
      'killed',
      'free-1',
      'other',
      'reported',
      'new',
    ]),
  );
  expect((await list('?issue=kill')).exports).toMatchObject([
    { issueId: 'killed', stage: 'terminated', isOpen: false },
  ]);
  expect((await list('?stage=rejected&project=street-scenes')).exports.map(({ issueId }) => issueId)).toEqual(
    expect.arrayContaining(['no', 'new']),
  );
  const odd = [`'q' is "odd" \\ 100%_`, `'q' is "odder"`, `it's`];
  for (const name of odd) await send(name, ids('odd-', 1), name);
  for (const name of odd) await stack.untilDone(name);
  for (const name of odd) {
    await until(`${name} in the list`, async () =>
      (await list()).exports.some(({ issueId }) => issueId === name),
    );
    for (const filter of ['issue', 'project']) {
      const { exports, warnings } = await list(`?${filter}=${encodeURIComponent(name)}`);
      expect([filter, exports.map(({ issueId }) => issueId), warnings]).toEqual([filter, [name], []]);
    }
  }
  expect(
    (await list(`?issue=${encodeURIComponent(`'q`)}`)).exports.map(({ issueId }) => issueId).toSorted(),
  ).toEqual(odd.slice(0, 2));
  for (const nothing of [
    "issue='",
    'issue="',
    'project="',
    "project='",
    'issue=%25',
    'project=street_scenes',
  ])
    expect([
      nothing,
      (await list(`?${nothing}`)).exports.filter(({ issueId }) => !odd.includes(issueId)),
    ]).toEqual([nothing, []]);
});

/** Issue ids of all pages of a list. */
async function walk(query: string): Promise<string[]> {
  const found: string[] = [];
  for (let page: string | undefined = ''; page !== undefined;) {
    const { exports, next, ...first } = await list(
      `?limit=3${query}${page === '' ? '' : `&page=${encodeURIComponent(page)}`}`,
    );
    if (page !== '') expect(first).toMatchObject({ notStarted: [], held: [] });
    expect(exports.length).toBeLessThanOrEqual(3);
    found.push(...exports.map(({ issueId }) => issueId));
    page = next;
  }
  return found;
}

it('Without a worker the API reports it, still lists, and counts a written decision once a worker is back', async () => {
  const [left, other] = [
    await question('left/a', ids('left-a-', 3)),
    await question('left/b', ids('left-b-', 3)),
  ];
  second.beforeRecord = () => stack.stopWorker();
  const decision = { decision: 'approve', revision: left, reason: 'seen' };
  const answer = await askSecond('POST', at('left/a', '/decision'), decision);
  second.beforeRecord = async () => undefined;
  expect(answer).toMatchObject({ ...refused(503, 'no-worker'), headers: { 'retry-after': '5' } });
  expect(answer.body.message).toContain('The decision is stored and may still count');
  const away = { ...refused(503, 'no-worker'), headers: { 'retry-after': '5' } };
  const [shown, decided, paused, listed, ended] = await Promise.all([
    ask('GET', at('left/b')),
    decide('left/b', { decision: 'approve', revision: other }),
    ask('POST', at('left/b', '/pause')),
    list('?issue=left'),
    show('steered'),
  ]);
  expect([shown, decided]).toMatchObject([away, away]);
  expect(paused.status).toBe(202); // Temporal keeps the signal for the worker
  expect(listed.exports.map(({ issueId }) => issueId)).toEqual(['left/b', 'left/a']);
  expect(ended).toMatchObject({ stage: 'cancelled' });
  await stack.startWorker();
  await stack.untilStage('left/b', 'paused');
  expect((await show('left/b')).decisions).toMatchObject([{ decision: 'pause' }]); // the decision had no effect and is not listed
  const tried = await askSecond('POST', at('left/a', '/decision'), decision);
  const hasEnded = `Conflict: the export of the issue "left/a" has ended: revision ${left} completed.`; // by the first try
  expect(tried.body.message).toBe(
    tried.status === 200 ? `The question about revision ${left} is answered.` : hasEnded,
  );
  await stack.untilDone('left/a');
  expect((await stack.reportHead('left/a', left))?.decisions).toMatchObject([
    { upTo: 3, who: 'ann (token)', reason: 'seen' },
  ]);
  expect(stack.sent('left-')).toEqual(ids('left-a-', 3));
});

it('Without Temporal, and after it has lost its database, ended exports are listed, shown and found from the store', async () => {
  const completed = ['again', 'free-1', 'free-2', 'left/a', 'lost', 'reported', 'route'];
  await stack.stopTemporal(true);
  const away = { ...refused(503, 'no-temporal'), headers: { 'retry-after': '5' } };
  expect(await ask('GET', at(asks))).toMatchObject(away);
  expect(await ask('GET', at('unknown'))).toMatchObject(away);
  expect(await ask('GET', at('unknown'), undefined, {})).toMatchObject(refused(401, 'token-missing'));
  expect(await decide(asks, { decision: 'approve', revision })).toMatchObject(away);
  for (const action of ['pause', 'resume', 'cancel'])
    expect(await ask('POST', at(asks, `/${action}`))).toMatchObject(away);
  expect(await ask('POST', '/api/destinations/first/resume')).toMatchObject(away);
  expect(await list('?stage=cancelled')).toMatchObject({
    exports: [{ issueId: 'steered', source: 'store', isOpen: false }],
    warnings: [expect.stringContaining('Temporal does not answer')],
  });
  expect(await show('steered')).toMatchObject({
    stage: 'cancelled',
    source: 'store',
    plan: { labels: 3 },
    decisions: [{}, {}, {}],
  });
  expect(await ask('GET', at('reported', '/report.csv'))).toMatchObject({ status: 200 });
  expect((await ask('GET', '/api/labels/token-2')).body['exports']).toHaveLength(1);

  await stack.startTemporal();
  await until(
    'a list without a warning',
    async () => !(await list()).warnings.some((words) => words.includes('Temporal')),
  );
  expect((await walk('&stage=completed')).filter((issueId) => issueId !== 'torn').toSorted()).toEqual(
    completed,
  );
  expect((await walk('&project=free&stage=completed')).toSorted()).toEqual(['free-1', 'free-2']);
  expect(await walk('&issue=ste')).toEqual(['steered']);
  expect((await list('?issue=ste')).exports).toMatchObject([{ source: 'store' }]);
  expect(await ask('POST', at('steered', '/resume'))).toMatchObject(refused(409, 'export-closed'));
  await stack.untilStage(asks, 'awaiting-approval'); // and an open export asks its question again
});
