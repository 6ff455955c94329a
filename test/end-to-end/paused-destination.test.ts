import { request } from 'undici';
import type { ExportDetail, ExportList } from '../../src/gateway/api/operator-api';
import { checkDestinations } from '../../src/cli/doctor/check-destinations';
import type { Subject } from '../../src/cli/doctor/subject';
import { exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';

let stack: Stack;

beforeAll(async () => {
  stack = await (await Stack.create({ CHUNK_LABELS: '10', CHUNKS_IN_FLIGHT: '2' })).startAll();
}, 60_000);

afterAll(() => stack.stop());
afterEach(() => stack.restore());

async function ask<T>(method: 'GET' | 'POST', path: string, body: object = {}) {
  const response = await request(stack.url + path, {
    method,
    headers: { authorization: 'Bearer token-of-ann', 'content-type': 'application/json' },
    ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.statusCode, body: (await response.body.json()) as T };
}

const because =
  'The destination labelbox is paused by ann (token) through the API ("vendor outage"). This export continues when it is resumed.';

async function pauseDestination() {
  const path = '/api/destinations/labelbox/pause';
  const { status, body } = await ask<{ message: string }>('POST', path, { reason: 'vendor outage' });
  expect([status, body.message]).toEqual([
    200,
    'Paused labelbox: calls in flight finish, then nothing more is sent until you resume.',
  ]);
}

const resumeDestination = () => ask<{ resumed: string[] }>('POST', '/api/destinations/labelbox/resume');

it('A paused destination lets calls in flight end; running and new exports hold with the reason, also after restarts', async () => {
  await stack.fault({ kind: 'slow', delayMs: 500 });
  const running = await stack.post(exportBody('running', ids('run-', 100)));
  await until('calls in flight', () => stack.sent('run-').length >= 20);
  await pauseDestination();
  const { labels, ...paused } = await stack.untilStage('running', 'paused');
  expect(paused).toMatchObject({ pausedBy: 'destination', pausedBecause: because });
  expect(labels.relabeled).toBe(stack.sent('run-').length); // what was in flight has ended
  expect(labels.relabeled).toBeLessThan(100);
  const fresh = await stack.post(exportBody('fresh', ids('new-', 5)));
  expect(await stack.untilStage('fresh', 'paused')).toMatchObject({ pausedBecause: because });

  await stack.restartGateway();
  await stack.stopWorker();
  await stack.startWorker();
  await stack.workflow('fresh').signal('resume', { by: 'bob' }); // of this export alone: the destination is still paused
  await until('another pause', async () => {
    const { log, stage } = await stack.progress('fresh');
    return stage === 'paused' && log.filter(({ text }) => text.startsWith('Paused')).length === 2;
  });
  expect(stack.sent('new-')).toEqual([]);
  expect(stack.sent('run-')).toHaveLength(labels.relabeled);

  const list = await until('both exports in the list', async () => {
    const { body } = await ask<ExportList>('GET', '/api/exports');
    return body.destinations[0]?.waiting.length === 2 && body;
  });
  expect(list.destinations).toMatchObject([
    { name: 'labelbox', paused: { by: 'ann', reason: 'vendor outage' }, hasMore: false },
  ]);
  const { body: detail } = await ask<ExportDetail>('GET', '/api/exports/fresh');
  expect(detail).toMatchObject({
    pausedBecause: because,
    pending: [],
    destinationState: { name: 'labelbox' },
  });

  await stack.clearFaults();
  const { body } = await resumeDestination();
  expect([...body.resumed].sort()).toEqual(['fresh', 'running']);
  await stack.untilDone();
  expect(stack.sent('run-').sort()).toEqual(ids('run-', 100).sort());
  expect(stack.sent('new-').sort()).toEqual(ids('new-', 5).sort());
  for (const [issueId, { body: sent }] of [
    ['running', running],
    ['fresh', fresh],
  ] as const)
    expect(await stack.reportHead(issueId, sent['revision'])).toMatchObject({ outcome: 'completed' });
}, 90_000);

it('The pause outlives a lost database of Temporal, and an export that an operator paused stays paused after it', async () => {
  await pauseDestination();
  await stack.post(exportBody('kept', ids('kept-', 5)));
  await stack.post(exportBody('person', ids('person-', 5)));
  await stack.untilStage('kept', 'paused');
  await stack.untilStage('person', 'paused');
  await stack.stopTemporal(true);
  await stack.startTemporal();
  expect(await stack.untilStage('kept', 'paused')).toMatchObject({ pausedBy: 'destination' });
  await stack.untilStage('person', 'paused');
  await stack.workflow('person').signal('pause', { by: 'bob' });
  await resumeDestination();
  await stack.untilDone('kept');
  expect(stack.sent('kept-')).toHaveLength(5);
  expect(await stack.progress('person')).toMatchObject({ stage: 'paused', pausedBy: 'person' });
  await stack.workflow('person').signal('resume');
  await stack.untilDone('person');
}, 90_000);

it('An export continues when the pause ends, although no signal reached it', async () => {
  await pauseDestination();
  await stack.post(exportBody('alone', ids('alone-', 5)));
  await stack.untilStage('alone', 'paused');
  await stack.store.remove('destinations/labelbox/paused.json');
  await stack.untilDone('alone');
  expect(stack.sent('alone-')).toHaveLength(5);
  const { log } = await stack.progress('alone');
  expect(log.map(({ text }) => text)).toContain('Resumed: the destination is no longer paused.');
}, 60_000);

it('A paused export can be cancelled while its destination is paused', async () => {
  await pauseDestination();
  const { body } = await stack.post(exportBody('cancelled', ids('cancelled-', 5)));
  await stack.untilStage('cancelled', 'paused');
  expect((await ask('POST', '/api/exports/cancelled/cancel')).status).toBe(202);
  await stack.untilDone('cancelled');
  expect(await stack.reportHead('cancelled', body['revision'])).toMatchObject({ outcome: 'cancelled' });
  await resumeDestination();
  expect(stack.sent('cancelled-')).toEqual([]);
});

it('Doctor names the pause, and how to end it', async () => {
  await pauseDestination();
  const subject: Pick<Subject, 'mode' | 'config'> = { mode: 'dev', config: stack.config };
  expect(await checkDestinations(subject)).toContainEqual({
    part: 'destination labelbox',
    state: 'note',
    says: expect.stringMatching(
      /^ann paused the destination labelbox at .* UTC \(“vendor outage”\)\./,
    ) as string,
    todo: 'requeue resume --destination labelbox',
  });
  await resumeDestination();
});

it('While the labeling service asks to wait, list and export say until when and which exports wait', async () => {
  await stack.fault({ kind: 'status', status: 429, retryAfter: 3000, times: 1 });
  await stack.post(exportBody('waits', ids('waits-', 5)));
  const { destinations } = await until('the waiting export', async () => {
    const { body } = await ask<ExportList>('GET', '/api/exports');
    return body.destinations[0]?.waiting.length === 1 && body;
  });
  expect(destinations).toMatchObject([
    {
      waits: { because: 'The labeling service limits the rate of calls (HTTP 429).' },
      waiting: [{ issueId: 'waits', issueName: expect.any(String) as string }],
    },
  ]);
  const { body } = await ask<ExportDetail>('GET', '/api/exports/waits');
  const untilMs = Date.parse(body.destinationState?.waits?.until ?? '') - Date.now();
  expect(untilMs).toBeGreaterThan(2_000_000);
  await ask('POST', '/api/exports/waits/cancel');
  await stack.untilDone('waits');
});
