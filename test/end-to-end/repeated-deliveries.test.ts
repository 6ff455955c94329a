import { createHash } from 'node:crypto';
import { putInboxEntry } from '../../src/payloads/inbox-entry';
import { deliveryKey } from '../../src/payloads/keys';
import { writeBytes } from '../../src/payloads/small-objects';
import { aRequest } from '../support/requests';
import { exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';

let stack: Stack;

beforeAll(async () => {
  stack = await (await Stack.create({ CHUNK_LABELS: '10', APPROVAL_THRESHOLD: '50' })).startAll();
}, 60_000);

afterAll(() => stack.stop());

it('A delivery with three more elements exports only the new labels', async () => {
  const first = await stack.post(exportBody('grows', ids('g-', 25)));
  await stack.untilDone('grows');
  const second = await stack.post(exportBody('grows', ids('g-', 28)));
  await stack.untilDone('grows');
  expect(stack.sent('g-').sort()).toEqual(ids('g-', 28).sort());
  expect(await stack.report('grows', first.body['revision'])).toMatchObject({
    outcome: 'completed',
    counts: { relabeled: 25 },
  });
  expect(await stack.report('grows', second.body['revision'])).toMatchObject({
    outcome: 'completed',
    counts: { planned: 3, relabeled: 3 },
    leftOutCounts: { 'already-relabeled': 25 },
  });
});

it('A body that was rejected asks again when it is delivered again', async () => {
  const body = exportBody('refused', ids('no-', 51));
  const first = await stack.post(body);
  const { revision } = first.body;
  await stack.untilStage('refused', 'awaiting-approval', revision);
  await stack.workflow('refused').signal('reject', { by: 'ann', reason: 'wrong class' });
  await stack.untilDone('refused');
  expect(await stack.report('refused', revision)).toMatchObject({
    outcome: 'rejected',
    counts: { planned: 51, withheld: 51 },
  });
  const second = await stack.post(body);
  await until('the second question', async () => {
    const { stage, approval } = await stack.progress('refused');
    return stage === 'awaiting-approval' && approval.expiresAt;
  });
  expect(stack.sent('no-')).toEqual([]);
  await stack.workflow('refused').signal('approve', { revision }); // the run of the first question may not have closed yet
  await stack.untilDone('refused');
  expect(await stack.report('refused', revision, 2)).toMatchObject({
    outcome: 'completed',
    requests: [second.body['requestId']],
  });
  expect(stack.sent('no-').sort()).toEqual(ids('no-', 51).sort());
});

it('A newer request supersedes one that waits for approval; an older one that arrives later never does', async () => {
  const older = await stack.post(exportBody('order', ids('old-', 51)));
  await stack.untilStage('order', 'awaiting-approval', older.body['revision']);
  const newer = await stack.post(exportBody('order', ids('new-', 51)));
  await stack.untilStage('order', 'awaiting-approval', newer.body['revision']);
  expect(await stack.reportHead('order', older.body['revision'])).toMatchObject({
    outcome: 'superseded',
    counts: { relabeled: 0 },
  });
  const oldest = await acceptedBefore('order', ids('oldest-', 51));
  await stack.workflow('order').signal('exportRequested', oldest);
  const waiting = await until('the oldest in the queue', async () => {
    const seen = await stack.progress('order');
    return seen.queued === 1 && seen;
  });
  expect(waiting).toMatchObject({ stage: 'awaiting-approval', revision: newer.body['revision'] });
  await stack.workflow('order').signal('approve', { revision: newer.body['revision'] });
  await stack.untilDone('order');
  expect(stack.sent('new-').sort()).toEqual(ids('new-', 51).sort());
  expect([...stack.sent('old-'), ...stack.sent('oldest-')]).toEqual([]);
  expect(await stack.reportHead('order', newer.body['revision'])).toMatchObject({ outcome: 'completed' });
  expect(await stack.reportHead('order', oldest.revision)).toMatchObject({
    outcome: 'superseded',
    requests: [oldest.requestId],
  });
});

it('A newer request never supersedes one that is approved in part', async () => {
  const part = await stack.post(exportBody('part', ids('part-', 60)));
  await stack.untilStage('part', 'awaiting-approval');
  await stack.workflow('part').signal('approve', { upTo: 5 });
  await until('the second question', async () => {
    const { stage, approval } = await stack.progress('part');
    return stage === 'awaiting-approval' && approval.upTo === 5;
  });
  const newer = await stack.post(exportBody('part', ids('part-', 61)));
  await until('the newer one in the queue', async () => (await stack.progress('part')).queued === 1);
  expect(await stack.progress('part')).toMatchObject({
    stage: 'awaiting-approval',
    revision: part.body['revision'],
  });
  await stack.workflow('part').signal('approve', { revision: part.body['revision'] });
  await stack.untilDone('part');
  expect(stack.sent('part-').sort()).toEqual(ids('part-', 61).sort());
  expect(await stack.reportHead('part', part.body['revision'])).toMatchObject({
    outcome: 'completed',
    counts: { relabeled: 60 },
  });
  expect(await stack.reportHead('part', newer.body['revision'])).toMatchObject({
    outcome: 'completed',
    counts: { relabeled: 1 },
  });
});

it('A thousand identical deliveries, 64 at once, have one effect per label', async () => {
  const body = JSON.stringify(exportBody('hot', ids('h-', 30)));
  let left = 1000;
  const statuses = new Set<number>();
  const revisions = new Set<unknown>();
  const sender = async () => {
    while (left-- > 0) {
      const answer = await stack.post(body);
      statuses.add(answer.status);
      revisions.add(answer.body['revision']);
    }
  };
  await Promise.all(Array.from({ length: 64 }, sender));
  expect([...statuses]).toEqual([202]);
  await stack.untilDone('hot');
  expect(stack.sent('h-').sort()).toEqual(ids('h-', 30).sort());
  expect((await stack.reportHead('hot', [...revisions][0]))?.requests).toHaveLength(1000);
}, 150_000);

/** A request that another gateway accepted earlier, and hands over late. */
async function acceptedBefore(issueId: string, labelIds: readonly string[]) {
  const body = JSON.stringify(exportBody(issueId, labelIds));
  const sha256 = createHash('sha256').update(body).digest('hex');
  const request = aRequest({
    issueId,
    sha256,
    revision: sha256.slice(0, 12),
    receivedAt: '2020-01-01T00:00:00.000Z',
  });
  await writeBytes(stack.store, deliveryKey(sha256), body);
  await putInboxEntry(stack.store, request);
  return request;
}
