import { createHash } from 'node:crypto';
import { listInbox, putInboxEntry } from '../../src/payloads/inbox-entry';
import { deliveryKey } from '../../src/payloads/keys';
import { writeBytes } from '../../src/payloads/small-objects';
import { readReportHead } from '../../src/payloads/report-head';
import { aRequest } from '../support/requests';
import { exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';

let stack: Stack;

beforeAll(async () => {
  stack = await (
    await Stack.create({ CHUNK_LABELS: '10', CHUNKS_IN_FLIGHT: '4', APPROVAL_THRESHOLD: '100' })
  ).startAll();
}, 60_000);

afterAll(() => stack.stop());

it("Exports in flight survive the loss of Temporal's database, and no label is sent without its approval", async () => {
  await stack.fault({ kind: 'refuse-key', times: 1 });
  await stack.post(exportBody('paused', ids('p-', 40)));
  await stack.untilStage('paused', 'paused');
  const part = await stack.post(exportBody('part', ids('u-', 120)));
  await stack.post(exportBody('asks', ids('a-', 101)));
  await stack.untilStage('part', 'awaiting-approval');
  await stack.workflow('part').signal('approve', { upTo: 15, by: 'ann' });
  await asksAgain('part');
  await stack.fault({ kind: 'slow', delayMs: 400 });
  await stack.post(exportBody('approved', ids('y-', 110)));
  await stack.untilStage('approved', 'awaiting-approval');
  await stack.workflow('approved').signal('approve');
  await stack.post(exportBody('lost', ids('l-', 100)));
  await until('labels of both', () => stack.sent('l-').length > 0 && stack.sent('y-').length > 0);
  await stack.stopTemporal(true);
  await stack.clearFaults();
  await stack.startTemporal();

  for (const issueId of ['lost', 'paused']) await stack.untilDone(issueId);
  expect(new Set(stack.requeued('l-'))).toEqual(new Set(ids('l-', 100)));
  expect(stack.sent('p-').sort()).toEqual(ids('p-', 40).sort());
  for (const issueId of ['asks', 'part', 'approved']) await stack.untilStage(issueId, 'awaiting-approval');
  expect(stack.sent('a-')).toEqual([]);
  expect(stack.sent('u-').sort()).toEqual(ids('u-', 15).sort());
  const sentBefore = stack.sent('y-').length;
  expect(sentBefore).toBeLessThan(110);

  for (const issueId of ['asks', 'part', 'approved']) await stack.workflow(issueId).signal('approve');
  await stack.untilDone();
  expect(stack.sent('a-').sort()).toEqual(ids('a-', 101).sort());
  expect(stack.sent('u-').sort()).toEqual(ids('u-', 120).sort()); // the receipts of the first fifteen are still there
  expect(new Set(stack.requeued('y-'))).toEqual(new Set(ids('y-', 110)));
  expect(stack.sent('y-').length - 110).toBeLessThanOrEqual(4 * 10);
  expect(await stack.reportHead('part', part.body['revision'])).toMatchObject({
    outcome: 'completed',
    counts: { relabeled: 120 },
  });
}, 150_000);

function asksAgain(issueId: string) {
  return until(`the second question of ${issueId}`, async () => {
    const { stage, approval } = await stack.progress(issueId);
    return stage === 'awaiting-approval' && approval.upTo > 0;
  });
}

it('A request that has sent labels continues after a lost database, although it is the middle one of three that are dispatched again', async () => {
  const own = await (await Stack.create({ CHUNK_LABELS: '10', CHUNKS_IN_FLIGHT: '1' })).startAll();
  try {
    await own.fault({ kind: 'slow', delayMs: 400 });
    const { body: middle } = await own.post(exportBody('lost', ids('middle-', 60)));
    await until('its first labels', () => own.requeued('middle-').length > 0);
    await own.stopWorker();
    await own.stopTemporal(true);
    // Accepted by another gateway before the middle one, and not handed over when Temporal went away.
    const text = JSON.stringify(exportBody('lost', ids('first-', 5)));
    const sha256 = createHash('sha256').update(text).digest('hex');
    await writeBytes(own.store, deliveryKey(sha256), text);
    const first = aRequest({ issueId: 'lost', sha256, revision: sha256.slice(0, 12) });
    await putInboxEntry(own.store, first);
    expect(first.requestId < String(middle['requestId'])).toBe(true);
    await own.post(exportBody('lost', ids('last-', 5)));
    await own.clearFaults();
    await own.startTemporal();
    await own.restartGateway();
    await own.startWorker();
    await until('an empty inbox', async () => (await listInbox(own.store)).length === 0, 60_000);
    const report = await readReportHead(own.store, {
      issueId: 'lost',
      revision: String(middle['revision']),
      attempt: 1,
    });
    expect(report?.outcome).toBe('completed');
    expect(new Set(own.requeued('middle-')).size).toBe(60);
  } finally {
    await own.stop();
  }
}, 120_000);
