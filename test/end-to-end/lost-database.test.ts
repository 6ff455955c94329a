import { exportBody, ids, Stack } from '../support/stack';
import { until } from '../support/until';

let stack: Stack;

beforeAll(async () => {
  stack = await (await Stack.create({ CHUNK_LABELS: '10', CHUNKS_IN_FLIGHT: '4', APPROVAL_THRESHOLD: '100' })).startAll();
}, 60_000);

afterAll(() => stack.stop());

test("exports in flight survive the loss of Temporal's database, and nothing goes without its approval", async () => {
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
  expect(await stack.reportHead('part', part.body['revision'])).toMatchObject({ outcome: 'completed', counts: { relabeled: 120 } });
}, 150_000);

function asksAgain(issueId: string) {
  return until(`the second question of ${issueId}`, async () => {
    const { stage, approval } = await stack.progress(issueId);
    return stage === 'awaiting-approval' && approval.upTo > 0;
  });
}
