import { watchExport } from '../../src/cli/client/watch-export';
import type { ExportDetail } from '../../src/gateway/api/operator-api';
import { describeIdle } from '../../src/gateway/api/show/describe-idle';
import { describeNextStep } from '../../src/gateway/api/show/describe-next-step';
import { fakePipes } from '../cli/fake-streams';
import { exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';

let stack: Stack;

beforeAll(async () => {
  stack = await (await Stack.create({ CHUNK_LABELS: '5', CHUNKS_IN_FLIGHT: '2' })).startAll();
}, 60_000);

afterAll(() => stack.stop());

it('A cancel ends the first request as cancelled; the second one runs and can be cancelled too; a replay sends the rest', async () => {
  await stack.fault({ kind: 'slow', delayMs: 250 });
  const first = await stack.post(exportBody('stops', ids('s-', 100)));
  await until('its first labels', () => stack.sent('s-').length > 0);
  const second = await stack.post(exportBody('stops', ids('s-', 120)));
  await until('the second in the queue', async () => (await stack.progress('stops')).queued === 1);
  expect(await cancel()).toMatchObject({ code: 0 });
  await stack.untilStage('stops', 'sending', second.body['revision']);
  const one = await stack.report('stops', first.body['revision']);
  expect(one).toMatchObject({ outcome: 'cancelled', requests: [first.body['requestId']] });
  expect((await stack.inbox('stops')).map(({ request }) => request.requestId)).toEqual([
    second.body['requestId'],
  ]);
  const ofFirst = relabeledIn(one);
  expect(one.counts).toMatchObject({
    planned: 100,
    relabeled: ofFirst.length,
    withheld: 100 - ofFirst.length,
  });
  await until('labels of the second', () => stack.sent('s-').length > ofFirst.length);
  expect(await cancel()).toMatchObject({ code: 0 });
  await stack.untilDone('stops');
  const two = await stack.report('stops', second.body['revision']);
  const ofSecond = relabeledIn(two);
  expect(two).toMatchObject({
    outcome: 'cancelled',
    counts: {
      planned: 120 - ofFirst.length,
      relabeled: ofSecond.length,
      withheld: 120 - ofFirst.length - ofSecond.length,
    },
    leftOutCounts: { 'already-relabeled': ofFirst.length },
  });
  expect(stack.sent('s-').sort()).toEqual([...ofFirst, ...ofSecond].sort());
  const closed = await until('the run to close', async () => {
    const { status } = await stack.workflow('stops').describe();
    return status.name !== 'RUNNING' && status.name;
  });
  expect(closed).toBe('CANCELLED');
  await stack.clearFaults();
  expect(await stack.replay(two.sha256)).toMatchObject({ status: 202, body: { released: false } });
  await stack.untilDone('stops');
  expect(stack.sent('s-').sort()).toEqual(ids('s-', 120).sort());
});

it('A run that a person terminated is held, not restarted, and released by replay', async () => {
  await stack.fault({ kind: 'slow', delayMs: 400 });
  const { body } = await stack.post(exportBody('ended', ids('e-', 60)));
  await until('its first labels', () => stack.sent('e-').length > 0);
  await stack.workflow('ended').terminate('by a person');
  await stack.clearFaults();
  await stack.restartGateway();
  const held = await until('the hold', async () =>
    (await stack.inbox('ended')).find(({ handOver }) => handOver.held !== undefined),
  );
  expect(held.handOver.held).toContain('terminated');
  expect((await stack.workflow('ended').describe()).status.name).toBe('TERMINATED');
  expect((await stack.replay(held.request.sha256)).body).toMatchObject({
    requestId: body['requestId'],
    released: true,
  });
  await stack.untilDone('ended');
  expect(new Set(stack.requeued('e-'))).toEqual(new Set(ids('e-', 60)));
});

it('A terminated run is seen by show and list at once, and its request can be dropped with a reason', async () => {
  await stack.fault({ kind: 'slow', delayMs: 400 });
  const { body } = await stack.post(exportBody('gone', ids('g-', 60)));
  await until('its first labels', () => stack.sent('g-').length > 0);
  await stack.workflow('gone').terminate('by a person');
  const because = 'A person terminated its workflow. Replay the delivery, or drop it.';
  expect((await stack.ask('GET', '/api/exports/gone')).body).toMatchObject({
    isOpen: false,
    inbox: [{ requestId: body['requestId'], held: because }],
  });
  expect((await stack.ask('GET', '/api/exports')).body).toMatchObject({
    held: [{ issueId: 'gone', because }],
  });
  const [entry] = await stack.inbox('gone');
  const path = `/api/deliveries/${entry?.request.sha256}/drop`;
  expect(await stack.ask('POST', path, { reason: 'exported by mistake' })).toMatchObject({
    status: 200,
    body: { issueId: 'gone', requestIds: [body['requestId']] },
  });
  expect(await stack.inbox('gone')).toEqual([]);
  expect((await stack.ask('GET', '/api/exports/gone')).body).toMatchObject({
    inbox: [],
    dropped: [{ requestId: body['requestId'], held: because, by: 'ann', reason: 'exported by mistake' }],
  });
  expect(await stack.ask('POST', path, { reason: 'again' })).toMatchObject({
    status: 409,
    body: { error: 'not-held' },
  });
  await stack.clearFaults();
});

it.each(['completed', 'cancelled'])(
  'A terminated request beside an older %s report is what show, page and watch are about',
  async (outcome) => {
    const issueId = `older-${outcome}`;
    await stack.fault({ kind: 'slow', delayMs: 400 });
    await stack.post(exportBody(issueId, ids(`${outcome}-`, 20)));
    await until('its first labels', () => stack.sent(`${outcome}-`).length > 0);
    if (outcome === 'cancelled') await stack.ask('POST', `/api/exports/${issueId}/cancel`, {});
    await stack.untilDone(issueId);
    const { body } = await stack.post(exportBody(issueId, ids(`${outcome}-newer-`, 60)));
    await until('labels of the newer', () => stack.sent(`${outcome}-newer-`).length > 0);
    await stack.workflow(issueId).terminate('by a person');
    await stack.clearFaults();
    const shown = (await stack.ask('GET', `/api/exports/${issueId}`)).body as unknown as ExportDetail;
    const [entry] = await stack.inbox(issueId);
    expect(shown).toMatchObject({
      revision: body['revision'],
      delivery: entry?.request.sha256,
      reports: [{ outcome }],
    });
    expect(shown.outcome).toBeUndefined();
    expect(describeIdle(shown)).toBe('on hold: not retried; replay the delivery or drop it');
    expect(describeNextStep(shown)).toBe('Replay the held request, or drop it.');
    const streams = fakePipes();
    await expect(
      watchExport({ first: shown, fetchDetail: async () => shown, json: false, everyMs: 1 }, streams),
    ).rejects.toThrow('The export is on hold. Release it with');
  },
);

it('A list alone shows the hold of a terminated run before any sweep', async () => {
  await stack.fault({ kind: 'slow', delayMs: 400 });
  await stack.post(exportBody('listed', ids('l-', 60)));
  await until('its first labels', () => stack.sent('l-').length > 0);
  await stack.workflow('listed').terminate('by a person');
  const held = await until('the hold in the list', async () => {
    const { body } = await stack.ask('GET', '/api/exports?issue=listed');
    return (body['held'] as { because: string }[])[0];
  });
  expect(held.because).toContain('terminated');
  await stack.clearFaults();
});

/** As the button of the Web UI does. */
function cancel() {
  return stack.temporal('workflow', 'cancel', '--workflow-id', 'export-issue-stops');
}

function relabeledIn({ labels }: { labels: readonly { labelId: string; outcome: string }[] }): string[] {
  return labels.filter(({ outcome }) => outcome === 'relabeled').map(({ labelId }) => labelId);
}
