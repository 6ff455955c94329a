import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { listInbox, readInboxEntry } from '../../src/payloads/inbox-entry';
import { readReportHead } from '../../src/activities/report-head';
import { readBytes } from '../../src/payloads/read-whole';
import { reportKey } from '../../src/payloads/keys';
import { exportBody, Stack } from '../support/stack';
import { until } from '../support/until';
import { request } from 'undici';

const example = readFileSync(resolve(__dirname, '../../examples/issue-exported.json'), 'utf8');

let stack: Stack;

beforeAll(async () => {
  stack = await (await Stack.create({ CHUNK_LABELS: '10' })).startAll();
}, 60_000);

afterAll(() => stack.stop());

const workflow = (issueId: string) => stack.client().workflow.getHandle(`export-issue-${issueId}`);
const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}-${at}`);
const head = (issueId: string, revision: unknown, attempt = 1) =>
  readReportHead(stack.store, { issueId, revision: String(revision), attempt });
const inboxIsEmpty = () => until('an empty inbox', async () => (await listInbox(stack.store)).length === 0);

test('sends every label of the example once, accounts for every element, and keeps ids out of the history', async () => {
  const answer = await stack.post(example);
  expect(answer.status).toBe(202);
  const { issueId, revision } = answer.body as { issueId: string; revision: string };
  await inboxIsEmpty();
  expect(await workflow(issueId).result()).toEqual({ revision, stage: 'completed-with-problems' });
  const [entry] = stack.sandbox.ledger();
  expect(entry).toMatchObject({ projectId: 'street-scenes', makeTemplates: true, waitForQueue: true });
  const report = JSON.parse((await readBytes(stack.store, reportKey({ issueId, revision, attempt: 1 }))).toString()) as {
    labels: { labelId: string; element: number; outcome: string }[];
    leftOut: { element: number; reason: string }[];
  };
  expect(report.labels.map(({ labelId }) => labelId)).toEqual(entry?.labelIds);
  expect(report.labels.every(({ outcome }) => outcome === 'relabeled')).toBe(true);
  expect(report.leftOut.map(({ reason }) => reason)).toEqual(['same-label', 'frame', 'unmatched-crop']);
  expect([...report.labels, ...report.leftOut].map(({ element }) => element).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const history = historyToJSON(await workflow(issueId).fetchHistory());
  const decoded = history.replace(/"data":\s*"([^"]+)"/g, (_, data: string) => Buffer.from(data, 'base64').toString());
  for (const { labelId } of report.labels) expect(decoded).not.toContain(labelId);
  await inboxIsEmpty();
});

test('exports only what is new when three elements are added', async () => {
  const first = await stack.post(exportBody('grows', ids('g', 25)));
  await inboxIsEmpty();
  await stack.post(exportBody('grows', ids('g', 28)));
  await until('the second export', () => stack.requeued().includes('g-27'));
  await inboxIsEmpty();
  const sent = stack.sandbox
    .ledger()
    .flatMap(({ labelIds }) => labelIds)
    .filter((id) => id.startsWith('g-'));
  expect(sent.sort()).toEqual(ids('g', 28).sort());
  expect((await head('grows', first.body['revision']))?.outcome).toBe('completed');
});

test('a thousand identical deliveries, 64 at once, have one effect per label', async () => {
  const body = JSON.stringify(exportBody('hot', ids('h', 30)));
  let left = 1000;
  const statuses = new Set<number>();
  const sender = async () => {
    while (left-- > 0) statuses.add((await stack.post(body)).status);
  };
  await Promise.all(Array.from({ length: 64 }, sender));
  expect([...statuses]).toEqual([202]);
  await until('an empty inbox', async () => (await listInbox(stack.store)).length === 0, 100_000);
  const sent = stack.sandbox
    .ledger()
    .flatMap(({ labelIds }) => labelIds)
    .filter((id) => id.startsWith('h-'));
  expect(sent.sort()).toEqual(ids('h', 30).sort());
}, 150_000);

test('pauses after one call when the key is refused, and goes on after resume', async () => {
  await stack.fault({ kind: 'refuse-key' });
  await stack.post(exportBody('refused', ids('r', 60)));
  const paused = await until('the pause', async () => {
    const seen = await workflow('refused').query<{ stage: string; pausedBecause: string }>('progress');
    return seen.stage === 'paused' && seen;
  });
  expect(paused.pausedBecause).toContain('401');
  await stack.clearFaults();
  await workflow('refused').signal('resume');
  expect(await workflow('refused').result()).toMatchObject({ stage: 'completed' });
  expect(stack.requeued().filter((id) => id.startsWith('r-'))).toHaveLength(60);
});

test('a run that a person terminated is held, not restarted, and released by replay', async () => {
  await stack.fault({ kind: 'slow', delayMs: 400 });
  const { body } = await stack.post(exportBody('ended', ids('e', 60)));
  const { requestId } = body as { requestId: string };
  await until('its first labels', () => stack.requeued().some((id) => id.startsWith('e-')));
  await workflow('ended').terminate('by a person');
  await stack.clearFaults();
  await stack.restartGateway();
  const held = await until('the hold', async () => (await readInboxEntry(stack.store, requestId))?.handOver.held);
  expect(held).toContain('terminated');
  const delivery = (await readInboxEntry(stack.store, requestId))?.request.sha256;
  const answer = await request(`http://127.0.0.1:${stack.config.gateway.port}/api/deliveries/${delivery}/replay`, {
    method: 'POST',
    headers: { authorization: 'Bearer token-of-ann', 'content-type': 'application/json' },
    body: '{}',
  });
  expect(await answer.body.json()).toMatchObject({ requestId, released: true });
  await inboxIsEmpty();
  expect(new Set(stack.requeued().filter((id) => id.startsWith('e-')))).toEqual(new Set(ids('e', 60)));
});

test('a killed worker loses no label; what was in flight is sent again and marked', async () => {
  await stack.stopWorker();
  const killed = stack.startWorkerProcess();
  await stack.fault({ kind: 'slow', delayMs: 500 });
  const { body } = await stack.post(exportBody('killed', ids('k', 200)));
  const mine = () => stack.sandbox.ledger().flatMap(({ labelIds }) => labelIds.filter((id) => id.startsWith('k-')));
  await until('calls in flight', () => mine().length >= 20);
  await killed.kill();
  const sentBefore = new Set(mine());
  await stack.clearFaults();
  const second = stack.startWorkerProcess();
  await until('an empty inbox', async () => (await listInbox(stack.store)).length === 0, 100_000);
  await second.kill();
  await stack.startWorker();
  expect(new Set(mine())).toEqual(new Set(ids('k', 200)));
  expect(mine().length - 200).toBeLessThanOrEqual(8 * 10);
  const key = reportKey({ issueId: 'killed', revision: String(body['revision']), attempt: 1 });
  const report = JSON.parse((await readBytes(stack.store, key)).toString()) as {
    outcome: string;
    labels: { labelId: string; repeated: boolean }[];
  };
  expect(report.outcome).toBe('completed');
  const twice = mine().filter((id, at, all) => all.indexOf(id) !== at);
  const repeated = new Set(report.labels.filter((label) => label.repeated).map(({ labelId }) => labelId));
  expect(twice.filter((id) => !repeated.has(id))).toEqual([]);
  expect([...repeated].filter((id) => sentBefore.has(id)).length).toBeGreaterThanOrEqual(twice.length);
}, 150_000);

test('a killed Temporal server loses no label', async () => {
  await stack.fault({ kind: 'slow', delayMs: 300 });
  await stack.post(exportBody('crash', ids('c', 200)));
  await until('its first labels', () => stack.requeued().some((id) => id.startsWith('c-')));
  await stack.killTemporal();
  await stack.clearFaults();
  await stack.startTemporal();
  await until('an empty inbox', async () => (await listInbox(stack.store)).length === 0, 100_000);
  expect(new Set(stack.requeued().filter((id) => id.startsWith('c-')))).toEqual(new Set(ids('c', 200)));
}, 150_000);

test('deliveries that come while Temporal is down are carried out when it is back', async () => {
  await stack.stopTemporal();
  const issues = ids('down', 100);
  const answers = await Promise.all(issues.map((issue) => stack.post(exportBody(issue, [`label-of-${issue}`]))));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  await stack.startTemporal();
  await until('an empty inbox', async () => (await listInbox(stack.store)).length === 0, 100_000);
  expect(new Set(stack.requeued().filter((id) => id.startsWith('label-of-')))).toEqual(new Set(issues.map((issue) => `label-of-${issue}`)));
}, 150_000);

test("exports in flight survive the loss of Temporal's database, and nothing goes without its approval", async () => {
  await stack.fault({ kind: 'slow', delayMs: 300 });
  await stack.post(exportBody('lost', ids('l', 100)));
  await stack.post(exportBody('asks', ids('a', 1001)));
  await until('its first labels', () => stack.requeued().includes('l-0'));
  await stack.stopTemporal(true);
  await stack.clearFaults();
  await stack.startTemporal();
  await until('all labels', () => new Set(stack.requeued().filter((id) => id.startsWith('l-'))).size === 100, 100_000);
  await until(
    'the question',
    async () => (await workflow('asks').query<{ stage: string }>('progress')).stage === 'awaiting-approval',
    60_000,
  );
  expect(stack.requeued().some((id) => id.startsWith('a-'))).toBe(false);
  await workflow('asks').signal('approve');
  await until('an empty inbox', async () => (await listInbox(stack.store)).length === 0, 100_000);
  expect(new Set(stack.requeued().filter((id) => id.startsWith('a-'))).size).toBe(1001);
}, 150_000);
