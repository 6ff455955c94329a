import { exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';

let stack: Stack;

beforeAll(async () => {
  stack = await (await Stack.create({ CHUNK_LABELS: '10', CHUNKS_IN_FLIGHT: '8' })).startAll();
}, 60_000);

afterAll(() => stack.stop());
afterEach(() => stack.clearFaults());

async function reportWhenDone(issueId: string, revision: unknown) {
  await stack.untilDone(issueId);
  return stack.report(issueId, revision);
}

/** Exports labels, and returns the report of the export. */
async function exportLabels(issueId: string, count: number) {
  const { body } = await stack.post(exportBody(issueId, ids(`${issueId}-`, count)));
  return reportWhenDone(issueId, body['revision']);
}

/*
 * The concurrent tests come first. Most of their time passes until Temporal tries again, and each has faults of
 * its own labels only; the longest start first. Then the faults of all labels follow, one test after the other.
 */

it.concurrent('One label that makes the service fail does not hold up 250 others', async () => {
  await stack.fault({ kind: 'poison', status: 502, labelIds: ['many-117', 'many-249'] });
  const report = await exportLabels('many', 250);
  expect(report.counts).toMatchObject({ relabeled: 248, unconfirmed: 2 });
});

it.concurrent('One label among 8 that makes the service answer 500 is isolated within 20 s, wherever it stands, and the others are relabeled', async () => {
  const poisoned = [0, 3, 7].map((bad) => ({ issue: `poison-${bad}`, labelId: `poison-${bad}-${bad}` }));
  await stack.fault({ kind: 'poison', status: 500, labelIds: poisoned.map(({ labelId }) => labelId) });
  await Promise.all(
    poisoned.map(async ({ issue, labelId }) => {
      const { body } = await stack.post(exportBody(issue, ids(`${issue}-`, 8)));
      await until('the end', async () => (await stack.inbox(issue)).length === 0, 20_000);
      const { labels } = await stack.report(issue, body['revision']);
      expect(labels.filter(({ outcome }) => outcome !== 'relabeled')).toEqual([
        expect.objectContaining({
          labelId,
          outcome: 'unconfirmed',
          repeated: true,
          reason: 'The labeling service answers 500 whenever this label is sent.',
        }),
      ]);
      expect(stack.requeued(`${issue}-`)).toHaveLength(7);
    }),
  );
});

it.concurrent('A service that answers 500 and 200 in turn loses nothing, and no call is halved', async () => {
  for (const issue of ['turn-1', 'turn-2', 'turn-3', 'turn-4']) {
    await stack.fault({ kind: 'status', status: 500, times: 1, labelIds: ids(`${issue}-`, 10) });
    expect(await exportLabels(issue, 10)).toMatchObject({ counts: { relabeled: 10 } });
  }
  const sizes = stack.sandbox
    .ledger()
    .flatMap(({ labelIds }) => (labelIds[0]?.startsWith('turn') === true ? [labelIds.length] : []));
  expect(new Set(sizes)).toEqual(new Set([10]));
});

it.concurrent.each([500, 502, 504])(
  'A service that applies a call and then answers %i gets no label reported as already gone: each is relabeled and repeated',
  async (status) => {
    await stack.fault({ kind: 'status-after', status, times: 2, labelIds: ids(`after-${status}-`, 10) });
    const report = await exportLabels(`after-${status}`, 10);
    expect(report).toMatchObject({
      outcome: 'completed',
      counts: { relabeled: 10, alreadyGone: 0, unconfirmed: 0 },
    });
    expect(report.labels).toHaveLength(10);
    for (const label of report.labels)
      expect(label).toMatchObject({
        outcome: 'relabeled',
        repeated: true,
        reason: 'The label was found gone after a call whose answer was lost.',
      });
    expect(stack.requeued(`after-${status}-`)).toEqual(ids(`after-${status}-`, 10));
    expect(stack.sent(`after-${status}-`)).toHaveLength(30);
  },
);

it.concurrent('A 5xx without an effect leaves labels that are relabeled once and marked as repeated', async () => {
  await stack.fault({ kind: 'status', status: 503, times: 1, labelIds: ids('failed-', 10) });
  const report = await exportLabels('failed', 10);
  expect(report).toMatchObject({ outcome: 'completed', counts: { relabeled: 10 } });
  expect(report.labels.every(({ repeated }) => repeated)).toBe(true);
});

it.concurrent('A 503 with Retry-After and a 429 have no effect, so no label is marked as repeated', async () => {
  const once = { kind: 'status', times: 1, labelIds: ids('later-', 10) };
  await stack.fault([
    { ...once, status: 503, retryAfter: 1 },
    { ...once, status: 429 },
  ]);
  const report = await exportLabels('later', 10);
  expect(report).toMatchObject({ outcome: 'completed', counts: { relabeled: 10 } });
  expect(report.labels.some(({ repeated }) => repeated)).toBe(false);
});

it('An answer that confirms nothing leaves the labels unconfirmed', async () => {
  await stack.fault({ kind: 'answer', data: { project: { bulkDeleteLabels: { success: false } } } });
  expect(await exportLabels('denied', 10)).toMatchObject({
    outcome: 'completed-with-problems',
    counts: { relabeled: 0, unconfirmed: 10 },
  });
});

it('An answer that lists some of the ids confirms these labels only', async () => {
  await stack.fault({ kind: 'answer', data: { deleteLabels: { deletedLabelIds: ['some-1'] } } });
  const { labels } = await exportLabels('some', 3);
  expect(labels.map(({ outcome }) => outcome)).toEqual(['unconfirmed', 'relabeled', 'unconfirmed']);
});

it('One label that the service does not know is isolated and ends as already gone, without a pause', async () => {
  await stack.fault({ kind: 'poison', code: 'RESOURCE_NOT_FOUND', status: 200, labelIds: ['lacks-5'] });
  const { outcome, labels } = await exportLabels('lacks', 8);
  expect(outcome).toBe('completed');
  expect(labels.filter((label) => label.outcome !== 'relabeled')).toEqual([
    expect.objectContaining({ labelId: 'lacks-5', outcome: 'already-gone' }),
  ]);
  expect(stack.requeued('lacks-')).toHaveLength(7);
});

it('A project that the service does not know pauses the export', async () => {
  await stack.fault({
    kind: 'graphql-error',
    code: 'RESOURCE_NOT_FOUND',
    message: 'No such project',
    times: 1,
  });
  await stack.post(exportBody('nowhere', ids('nowhere-', 3)));
  await stack.untilStage('nowhere', 'paused');
  await stack.workflow('nowhere').signal('resume');
  await stack.untilDone('nowhere');
  expect(stack.requeued('nowhere-')).toHaveLength(3);
});

it('Eight calls that fail together are retried at different times', async () => {
  const labelIds = ids('spread-', 90);
  await stack.fault({ kind: 'poison', status: 429, labelIds: labelIds.slice(10) });
  await stack.post(exportBody('spread', labelIds));
  const delays = await until('eight calls that wait for their third attempt', async () => {
    const { raw } = await stack.workflow('spread').describe();
    const waiting = (raw.pendingActivities ?? []).filter(({ attempt }) => (attempt ?? 0) >= 3);
    const intervals = waiting.flatMap(({ currentRetryInterval }) => currentRetryInterval ?? []);
    return (
      intervals.length === 8 && intervals.map(({ seconds, nanos }) => Number(seconds) * 1e9 + Number(nanos))
    );
  });
  expect(new Set(delays).size).toBeGreaterThan(4); // with Temporal's own back-off, all eight are equal
  await stack.clearFaults();
  await stack.untilDone('spread');
  expect(stack.requeued('spread-')).toHaveLength(90);
});

it('A service whose mutations all fail while it answers a check gets at most 8 calls, then the export pauses', async () => {
  const before = stack.sandbox.ledger().length;
  await stack.fault({ kind: 'status', status: 500 });
  await stack.post(exportBody('readonly', ids('readonly-', 100)));
  expect(await stack.untilStage('readonly', 'paused')).toMatchObject({
    pausedBy: 'service',
    pausedBecause:
      'No call succeeds, although the labeling service answers a check. The labeling service failed, and the call may have had an effect (HTTP 500).',
  });
  expect(stack.sandbox.ledger().length - before).toBeLessThanOrEqual(8);
  await stack.clearFaults();
  await stack.workflow('readonly').signal('resume');
  await stack.untilDone('readonly');
  expect(stack.requeued('readonly-')).toHaveLength(100);
});

it('A sign-in page in place of an answer pauses the export at once', async () => {
  await stack.fault({ kind: 'not-json', times: 1 });
  const { body } = await stack.post(exportBody('sign-in', ids('sign-in-', 3)));
  expect(await stack.untilStage('sign-in', 'paused')).toMatchObject({
    pausedBy: 'service',
    pausedBecause: 'The labeling service sent a reply that is not GraphQL (HTTP 200).',
  });
  expect(stack.sent('sign-in-')).toHaveLength(3);
  await stack.workflow('sign-in').signal('resume');
  const { labels } = await reportWhenDone('sign-in', body['revision']);
  expect(labels.every(({ outcome, repeated }) => outcome === 'relabeled' && repeated)).toBe(true);
});
