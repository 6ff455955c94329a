import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import type { ExportDetail } from '../../src/gateway/api/operator-api';
import { type RunningGateway, startGateway, type TemporalClient } from '../../src/gateway/start-gateway';
import { attemptFolder } from '../../src/payloads/keys';
import { createLogger } from '../../src/telemetry/logger';
import { connectClient } from '../../src/temporal/connection';
import { requeue } from '../cli/run-requeue';
import { exportBody, ids } from '../support/builders';
import { type SecondGateway, startSecondGateway } from '../support/harness/second-gateway';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';

const logger = createLogger({ name: 'test', level: 'fatal' });
let stack: Stack;

beforeAll(async () => {
  stack = await (
    await Stack.create({
      APPROVAL_THRESHOLD: '5',
      CHUNK_LABELS: '5',
      CHUNKS_IN_FLIGHT: '1',
      OPERATOR_TOKENS: 'ann:token-of-ann,bob:token-of-bob',
    })
  ).startAll();
}, 60_000);
afterAll(() => stack.stop());
afterEach(() => stack.clearFaults());

const run = (...args: string[]) =>
  requeue(args, { PORT: String(stack.config.gateway.port), REQUEUE_TOKEN: 'token-of-ann' });

async function call(path: string, body: object, { url = stack.url, token = 'token-of-ann' } = {}) {
  const { statusCode, body: answer } = await request(`${url}/api/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: statusCode, body: (await answer.json()) as Record<string, unknown> };
}

async function detail(issueId: string): Promise<ExportDetail> {
  const { stdout } = await run('show', issueId, '--json');
  return JSON.parse(stdout) as ExportDetail;
}

/** An export of ten labels that was rejected. */
async function rejected(issueId: string): Promise<string> {
  const { body } = await stack.post(exportBody(issueId, ids(`${issueId}-`, 10)));
  await stack.untilStage(issueId, 'awaiting-approval');
  await stack.workflow(issueId).signal('reject');
  await stack.untilDone(issueId);
  return String(body['revision']);
}

/** Names the revision: the question may be the second one of the run. */
async function approve(issueId: string): Promise<void> {
  const { revision } = await stack.untilStage(issueId, 'awaiting-approval');
  await stack.workflow(issueId).signal('approve', { revision });
  await stack.untilDone(issueId);
}

it('An export that was rejected by mistake is asked about again, with who asked and why in its report', async () => {
  const revision = await rejected('mistake');
  const before = await run('show', 'mistake');
  expect(before.stdout).toContain('Ask again: requeue again mistake');
  expect(before.stdout).toMatch(/Delivery [0-9a-f]{64}/);
  const asked = await run('again', 'mistake', '--reason', 'the wrong button');
  expect(asked).toMatchObject({ code: 0 });
  expect(asked.stdout).toContain(`Asked again: revision ${revision} is planned with what was not done`);
  await approve('mistake');
  expect(await stack.report('mistake', revision, 2)).toMatchObject({
    outcome: 'completed',
    again: { by: 'ann', reason: 'the wrong button' },
    log: expect.arrayContaining([
      expect.objectContaining({ text: 'Asked again by ann ("the wrong button").' }),
    ]) as unknown,
  });
  expect(stack.requeued('mistake-')).toHaveLength(10);
  expect((await detail('mistake')).decisions).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ decision: 'again', by: 'ann', reason: 'the wrong button' }),
    ]),
  );
});

it('Two operators who ask at the same time start one attempt, whether they ask for the rest or for all', async () => {
  for (const all of [false, true]) {
    const issueId = `both-${all}`;
    const revision = await rejected(issueId);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => call(`exports/${issueId}/again`, { all, reason: 'again' })),
    );
    expect(answers.filter(({ status }) => status === 202).length).toBeGreaterThanOrEqual(1);
    expect(answers.every(({ status }) => status === 202 || status === 409)).toBe(true);
    await approve(issueId);
    expect(await stack.reportHead(issueId, revision, 2)).toMatchObject({ outcome: 'completed' });
    expect(await stack.reportHead(issueId, revision, 3)).toBeUndefined();
    expect(stack.sent(`${issueId}-`)).toHaveLength(10);
  }
});

describe('With two gateways on one store', () => {
  let second: SecondGateway;
  let other: RunningGateway;
  let temporal: TemporalClient;
  let bob: { url: string; token: string };
  beforeAll(async () => {
    second = await startSecondGateway(stack);
    temporal = connectClient(stack.target);
    const config = { ...stack.config, gateway: { ...stack.config.gateway, port: 0 } };
    other = await startGateway({ config, store: stack.store, temporal, logger });
    bob = { url: `http://127.0.0.1:${second.port}`, token: 'token-of-bob' };
  });
  afterEach(() => {
    second.beforeRecord = async () => undefined;
  });
  afterAll(async () => {
    await second.close();
    await other.close();
    await temporal.connection.close();
  });

  it.each([
    [true, 'every label'],
    [false, 'what was not done'],
  ])(
    'Two operators, the first of whom asks with all=%s and the second does not, start one attempt, and the second learns who asked',
    async (all, what) => {
      const issueId = `differ-${all}`;
      const path = `exports/${issueId}/again`;
      const revision = await rejected(issueId);
      let first: Awaited<ReturnType<typeof call>> | undefined;
      second.beforeRecord = async () => (first = await call(path, { all, reason: 'ann’s' }));
      const lost = await call(path, { all: !all, reason: 'bob’s' }, bob);
      expect(first).toMatchObject({ status: 202, body: { revision } });
      expect(lost).toMatchObject({ status: 409, body: { error: 'still-open' } });
      expect(lost.body['message']).toContain(`(revision ${revision}; ann asked again for ${what})`);
      await approve(issueId);
      expect(await stack.reportHead(issueId, revision, 2)).toMatchObject({
        outcome: 'completed',
        requests: [first?.body['requestId']],
        again: { by: 'ann', reason: 'ann’s' },
      });
      expect(await stack.reportHead(issueId, revision, 3)).toBeUndefined();
      expect(stack.sent(`${issueId}-`)).toHaveLength(10);
    },
  );

  it('Many who ask through both at the same moment, half of them for all, start one attempt', async () => {
    const bobAtOther = { ...bob, url: `http://127.0.0.1:${other.port}` };
    const revision = await rejected('many');
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        call('exports/many/again', { all: at % 2 === 0, reason: 'r' }, at % 3 === 0 ? bobAtOther : {}),
      ),
    );
    const requestIds = answers.flatMap(({ status, body }) => (status === 202 ? [body['requestId']] : []));
    expect(new Set(requestIds).size).toBe(1);
    expect(answers.every(({ status }) => status === 202 || status === 409)).toBe(true);
    await approve('many');
    expect(await stack.reportHead('many', revision, 2)).toMatchObject({
      outcome: 'completed',
      requests: [requestIds[0]],
    });
    expect(await stack.reportHead('many', revision, 3)).toBeUndefined();
  });
});

it('After a cancel in the middle, only what was not sent is planned', async () => {
  await stack.fault({ kind: 'slow', delayMs: 300 });
  const { body } = await stack.post(exportBody('half', ids('half-', 30)));
  await stack.untilStage('half', 'awaiting-approval');
  await stack.workflow('half').signal('approve');
  await until('the first call', () => stack.sent('half-').length > 0);
  await stack.workflow('half').cancel();
  await stack.untilDone('half');
  await stack.clearFaults();
  expect(await call('exports/half/again', {})).toMatchObject({ status: 202 });
  await approve('half');
  expect(await stack.reportHead('half', body['revision'], 2)).toMatchObject({ outcome: 'completed' });
  expect(stack.sent('half-').toSorted()).toEqual(ids('half-', 30).toSorted());
});

it('Asking again is about the newest export, also when its report is lost or was changed', async () => {
  await rejected('newest');
  const { body } = await stack.post(exportBody('newest', ids('newest-', 4))); // needs no approval
  await stack.untilDone('newest');
  const revision = String(body['revision']);
  const report = join(
    stack.config.storeFolder,
    attemptFolder({ issueId: 'newest', revision, attempt: 1 }),
    'report.json',
  );
  expect(await call('exports/newest/again', {})).toMatchObject({ status: 409 });
  writeFileSync(report, readFileSync(report, 'utf8').replace('"version":1', '"version":2'));
  expect(await call('exports/newest/again', {})).toMatchObject({ status: 202, body: { revision } });
  await stack.untilDone('newest');
  expect(stack.sent('newest-')).toHaveLength(4);
});

it('Asking again is refused with one sentence while an export is open, without a report, and when nothing is left', async () => {
  await stack.post(exportBody('open', ids('open-', 10)));
  await stack.untilStage('open', 'awaiting-approval');
  expect(await call('exports/open/again', {})).toMatchObject({ status: 409, body: { error: 'still-open' } });
  await approve('open');
  expect(await call('exports/open/again', {})).toMatchObject({
    status: 409,
    body: { error: 'nothing-left' },
  });
  expect(await call('exports/open/again', { all: true })).toMatchObject({
    status: 400,
    body: { error: 'bad-reason' },
  });
  const { stdout } = await run('show', 'open');
  expect(stdout).toContain("Send every label again: requeue again open --all --reason '…'");
  const withoutReason = await run('again', 'open', '--all');
  expect(withoutReason.code).toBe(1);
  expect(withoutReason.stderr).toContain('expected a reason');
  expect(await call('exports/none/again', {})).toMatchObject({
    status: 404,
    body: { error: 'no-such-report' },
  });
  expect(await call('exports/open/again', { all: 'yes' })).toMatchObject({ status: 400 });
  expect((await run('again')).code).toBe(2);
});

it('Every export that failed in a time is asked for again, one by one', async () => {
  await stack.stopWorker();
  for (const issueId of ['fails-1', 'fails-2']) await stack.post(exportBody(issueId, ids(`${issueId}-`, 2)));
  const deliveries = join(stack.config.storeFolder, 'deliveries');
  const away = join(stack.config.storeFolder, 'away');
  renameSync(deliveries, away);
  await stack.startWorker();
  await stack.untilDone();
  renameSync(away, deliveries);
  const { stdout } = await until('both in the list', async () => {
    const list = await run('list', '--stage', 'failed');
    return list.stdout.includes('fails-1') && list.stdout.includes('fails-2') && list;
  });
  expect(stdout).toContain('failed');
  const asked = await run('again', '--failed', '--since', '1h', '--reason', 'the folder is back');
  expect(asked).toMatchObject({ code: 0 });
  expect(asked.stdout.match(/Asked again/g)).toHaveLength(2);
  await stack.untilDone();
  expect((await detail('fails-1')).reports).toHaveLength(2);
  expect((await run('again', '--failed', '--since', 'soon')).code).toBe(2);
});

it('After the receipts and the report of an export are lost, asking again for all settles the gap for later revisions', async () => {
  const first = await stack.post(exportBody('lost', ids('lost-', 5)));
  await stack.untilDone('lost');
  const revision = String(first.body['revision']);
  const folder = join(stack.config.storeFolder, attemptFolder({ issueId: 'lost', revision, attempt: 1 }));
  for (const name of ['receipts', 'report.json']) rmSync(join(folder, name), { recursive: true });
  await stack.post(exportBody('lost', ids('lost-', 6)));
  const paused = await stack.untilStage('lost', 'paused');
  expect(paused.pausedBecause).toContain(`report.json of attempt 1 at revision ${revision} is missing`);
  await stack.workflow('lost').cancel();
  await stack.untilDone('lost');
  expect(await call('exports/lost/again', { all: true, reason: 'the disk died' })).toMatchObject({
    status: 202,
  });
  await approve('lost');
  const third = await stack.post(exportBody('lost', ids('lost-', 7)));
  await stack.untilDone('lost');
  expect(await stack.report('lost', third.body['revision'])).toMatchObject({
    outcome: 'completed',
    counts: { planned: 1 },
  });
});
