import { beforeEachCommit } from '../support/before-each-commit';
import { existsSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CancelledFailure } from '@temporalio/common';
import { deliveryKey } from '../../src/payloads/keys';
import type { PayloadStore } from '../../src/payloads/payload-store';
import { activityHarnesses, type ActivityHarness } from '../support/harness/activity-harness';
import { aCrop, aFrame, aLabel, aRoute, crops } from '../support/builders';
import { fails } from '../support/harness/fake-labeling-service';

let harness: ActivityHarness;
const newHarness = activityHarnesses();
beforeEach(() => {
  harness = newHarness();
});

it('prepareExport freezes the labels of a delivery, in its order', async () => {
  const request = await harness.accept(crops(250));
  const plan = await harness.plan(request);
  expect(plan).toEqual({
    kind: 'plan',
    ref: { issueId: 'issue-1', revision: request.revision, attempt: 1 },
    digits: harness.planFile(plan.ref).labelsSha256.slice(0, 12),
    planSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    issueName: 'Blurred plates',
    project: 'street-scenes',
    destination: 'labelbox',
    taskQueue: 'labeling-labelbox',
    labels: 250,
    leftOut: {},
    chunkLabels: 100,
    inFlight: 8,
    approvalAbove: 1000,
    asking: { expiresAfterMs: 604_800_000, remindEveryMs: 86_400_000, signals: 'accept' },
    brief: { elements: 250, frames: 250 },
    notices: [],
    touchedUpTo: 0,
  });
  expect(harness.labels(plan.ref)[249]).toEqual({
    labelId: 'label-249',
    elementId: 'label-249',
    element: 249,
    className: 'car',
  });
  expect(harness.planFile(plan.ref)).toMatchObject({
    requestId: request.requestId,
    sha256: request.sha256,
    elements: 250,
    labels: 250,
    destinationProject: 'street-scenes',
  });
});

it('prepareExport writes an index that locates every label', async () => {
  const { ref } = await harness.plan(await harness.accept([aCrop('ä'), aCrop('b'), aCrop('c')]));
  const index = readFileSync(harness.path(ref, 'labels.index'));
  const labels = readFileSync(harness.path(ref, 'labels.ndjson'));
  const lines = [0, 1, 2].map((at) =>
    labels
      .subarray(Number(index.readBigUInt64LE(at * 8)), Number(index.readBigUInt64LE(at * 8 + 8)))
      .toString(),
  );
  expect(lines.map((line) => (JSON.parse(line) as { labelId: string }).labelId)).toEqual(['ä', 'b', 'c']);
  expect(index).toHaveLength(4 * 8);
});

it('prepareExport accounts for every element: a label, or a line with the reason why it is left out', async () => {
  const request = await harness.accept([
    aCrop('a'),
    aFrame('f', ['x']),
    aCrop('b', { labels: [aLabel('other')] }),
    { element_id: 17, element_type: 'crop', frame_data: {} },
    'nonsense',
    aCrop('a', { element_id: 'a again' }),
  ]);
  const plan = await harness.plan(request);
  expect(plan).toMatchObject({
    labels: 1,
    leftOut: { frame: 1, 'unmatched-crop': 1, invalid: 2, 'same-label': 1 },
  });
  expect(
    harness.leftOut(plan.ref).map(({ element, elementId, reason }) => [element, elementId, reason]),
  ).toEqual([
    [1, 'f', 'frame'],
    [2, 'b', 'unmatched-crop'],
    [3, '17', 'invalid'],
    [4, undefined, 'invalid'],
    [5, 'a again', 'same-label'],
  ]);
  expect(harness.leftOut(plan.ref).at(-1)!.detail).toBe('The plan already has the label, at position 1.');
});

it('prepareExport names an invalid element by its id, also when it has too many values to be parsed', async () => {
  const heavy = { frame_data: { label_data: Array.from({ length: 110_000 }, () => ({})) } };
  const request = await harness.accept([
    aCrop('a', { crop_type: ['label'] }),
    { ...heavy, element_id: 'heavy', element_type: 'crop' },
    aCrop('no-frame', { frame_data: null }),
    { ...heavy, text: 'x'.repeat(5000), elementId: 'häävy' },
    { ...heavy, element_id: 'skipped', element_type: 'frame' },
  ]);
  const { ref, leftOut } = await harness.plan(request);
  expect(leftOut).toEqual({ invalid: 3, frame: 1 });
  expect(harness.leftOut(ref).map(({ elementId, reason }) => [elementId, reason])).toEqual([
    ['heavy', 'invalid'],
    ['no-frame', 'invalid'],
    ['häävy', 'invalid'],
    ['skipped', 'frame'],
  ]);
  for (const at of [0, 2]) expect(harness.leftOut(ref)[at]!.detail).toContain('too many values');
});

it('prepareExport names an invalid element by an id that is no string, exactly as the body has it', async () => {
  const long = 'x'.repeat(10_000);
  const heavy = `"frame_data":{"label_data":[${'{},'.repeat(110_000)}{}]}`;
  const elements = [
    '{"element_id":1.50,"element_type":"crop"}',
    '{"elementId":1152921504606846977,"type":"crop"}',
    '{"id":true}',
    `{"element_id":2,"id":"${long}"}`,
    `{"element_id":17.0,${heavy}}`,
    `{"id":"${long}","type":"crop",${heavy}}`,
    '{"element_id":{"a":1},"id":null}',
  ];
  const body = `{"event":"issue-exported","project":"p","issue":{"id":"odd-ids","elements":[${elements.join()}]}}`;
  const request = await harness.acceptBody(Buffer.from(body), { project: 'p', issueId: 'odd-ids' });
  const { ref } = await harness.plan(request);
  expect(harness.leftOut(ref).map(({ elementId }) => elementId)).toEqual([
    '1.50',
    '1152921504606846977',
    'true',
    long,
    '17.0',
    long,
    undefined,
  ]);
});

it('prepareExport fails with onInvalid: fail only for an element that the route uses', async () => {
  harness.restart({ routes: [aRoute({ onInvalid: 'fail' })] });
  const usable = [
    aCrop('a', { frame: { label_data: [{ uuid: 1768 }, null, aLabel('a')] }, crop_data: 'x' }),
    { element_id: 'f', element_type: 'frame', frame_data: 'x' },
  ];
  expect(await harness.prepare(await harness.accept(usable))).toMatchObject({ kind: 'plan', labels: 1 });
  expect(
    await harness.prepare(await harness.accept([...usable, aCrop('b', { frame: { label_data: [null] } })])),
  ).toMatchObject({
    kind: 'failed',
    reason:
      'Element 3 is invalid (frame_data.label_data.0: expected object, received null), and the route has onInvalid: fail.',
  });
});

it('prepareExport makes a plan without labels for a delivery without labels', async () => {
  expect(await harness.plan(await harness.accept([aFrame('f', [])]))).toMatchObject({
    labels: 0,
    leftOut: { frame: 1 },
  });
});

it('prepareExport names an issue without a name by its id', async () => {
  const { issue_name: _, ...nameless } = aCrop('a');
  expect(
    await harness.plan(await harness.accept([nameless], {}, { issue: { name: undefined } })),
  ).toMatchObject({
    issueName: 'issue-1',
  });
});

describe('A request that was prepared before', () => {
  it('A known request keeps its plan, with the last position that has a receipt or sent-mark', async () => {
    const request = await harness.accept(crops(30));
    const { ref } = await harness.plan(request);
    const before = harness.planFile(ref);
    await harness.relabel(ref, 0, 10);
    harness.service.next(fails('no-answer'));
    await harness.relabel(ref, 10, 20).catch(() => undefined);
    expect(await harness.plan(request)).toMatchObject({
      ref,
      labels: 30,
      touchedUpTo: 20,
      finished: {
        upTo: 10,
        chunks: 1,
        counts: { relabeled: 10, alreadyGone: 0, refused: 0, unconfirmed: 0 },
      },
    });
    expect(harness.planFile(ref)).toEqual(before);
  });

  it('A known request that sent nothing is planned again, because another export may have come in between', async () => {
    const older = await harness.accept(crops(3));
    const { ref } = await harness.plan(older);
    const { labels, labelsSha256 } = harness.planFile(ref);
    await harness.complete(await harness.accept(crops(2)));
    expect(await harness.prepare(older)).toMatchObject({
      kind: 'plan',
      ref,
      labels: 1,
      leftOut: { 'already-relabeled': 2 },
    });
    expect(harness.planFile(ref).replaced).toEqual([{ labels, labelsSha256 }]);
    await harness.prepare(older);
    expect(harness.planFile(ref).replaced).toEqual([{ labels, labelsSha256 }]); // once
    expect(await harness.relabel(ref, 0, 1)).toMatchObject({ kind: 'done', relabeled: 1 });
  });

  it('A known request keeps its plan when labels of it were sent', async () => {
    const request = await harness.accept(crops(3));
    const { ref } = await harness.plan(request);
    await harness.relabel(ref, 0, 1);
    expect(await harness.prepare(request)).toMatchObject({ kind: 'plan', labels: 3, touchedUpTo: 1 });
  });

  it('A known request is a duplicate of the report that names it, whatever its outcome', async () => {
    const request = await harness.accept(crops(3));
    const { ref } = await harness.plan(request);
    await harness.end(request, ref, { outcome: 'rejected', also: ['20261124T000000000Z-00000000000a'] });
    expect(await harness.prepare(request)).toEqual({ kind: 'duplicate', ref, outcome: 'rejected' });
    expect(await harness.prepare({ ...request, requestId: '20261124T000000000Z-00000000000a' })).toEqual({
      kind: 'duplicate',
      ref,
      outcome: 'rejected',
    });
  });

  it('A known request fails when its destination is no longer configured', async () => {
    const request = await harness.accept(crops(3));
    const { ref } = await harness.plan(request);
    harness.restart({ destinations: [] });
    expect(await harness.prepare(request)).toEqual({
      kind: 'failed',
      ref,
      reason: "The plan's destination labelbox is no longer in the configuration.",
      notices: [],
    });
  });
});

describe('A body that is exported again', () => {
  it('A repeated body is a duplicate when everything was done', async () => {
    const request = await harness.accept(crops(3));
    const { ref } = await harness.complete(request);
    expect(await harness.prepare(await harness.accept(crops(3)))).toEqual({
      kind: 'duplicate',
      ref,
      outcome: 'completed',
    });
  });

  it('A repeated body is planned in full when forced', async () => {
    await harness.complete(await harness.accept(crops(3)));
    expect(await harness.plan(await harness.accept(crops(3), { force: true }))).toMatchObject({
      ref: { attempt: 2 },
      labels: 3,
      leftOut: {},
    });
  });

  it('A repeated body leaves out what a cancelled attempt had done', async () => {
    const request = await harness.accept(crops(5));
    const { ref } = await harness.plan(request);
    await harness.relabel(ref, 0, 2);
    await harness.end(request, ref, { outcome: 'cancelled' });
    const plan = await harness.plan(await harness.accept(crops(5)));
    expect(plan).toMatchObject({ ref: { attempt: 2 }, labels: 3, leftOut: { 'already-relabeled': 2 } });
    expect(harness.leftOut(plan.ref)[0]!.detail).toMatch(
      new RegExp(`^Revision ${request.revision} relabeled it on \\d{4}-\\d{2}-\\d{2}\\.$`),
    );
  });

  it('A repeated body plans refused and unconfirmed labels again', async () => {
    const request = await harness.accept(crops(1));
    const { ref } = await harness.plan(request);
    harness.service.next(fails('bad-items'));
    await harness.relabel(ref, 0, 1);
    await harness.end(request, ref);
    expect(await harness.plan(await harness.accept(crops(1)))).toMatchObject({ labels: 1 });
  });
});

describe('An issue that has grown', () => {
  it('A grown issue plans only new labels', async () => {
    await harness.complete(await harness.accept(crops(3)));
    const plan = await harness.plan(await harness.accept(crops(5)));
    expect(harness.labels(plan.ref).map(({ labelId }) => labelId)).toEqual(['label-3', 'label-4']);
  });

  it('A grown issue plans all labels with resend: all', async () => {
    harness.restart({ routes: [aRoute({ resend: 'all' })] });
    await harness.complete(await harness.accept(crops(3)));
    expect(await harness.plan(await harness.accept(crops(5)))).toMatchObject({ labels: 5 });
  });

  it('A grown issue plans all labels for another project of the destination', async () => {
    await harness.complete(await harness.accept(crops(3)));
    harness.restart({ routes: [aRoute({ destinationProject: 'elsewhere' })] });
    expect(await harness.plan(await harness.accept(crops(5)))).toMatchObject({ labels: 5 });
  });
});

describe('prepareExport makes no plan', () => {
  const reasonForNoPlan = async (request: Parameters<ActivityHarness['prepare']>[0]) => {
    const prepared = await harness.prepare(request);
    expect(harness.staged()).toEqual([]);
    if (prepared.kind !== 'failed') throw new Error(`Expected a failure, got ${prepared.kind}.`);
    expect(existsSync(harness.path(prepared.ref, 'plan.json'))).toBe(false);
    return prepared.reason;
  };

  it('A project without a route gets no plan', async () => {
    const request = await harness.accept(crops(1));
    harness.restart({ routes: [aRoute({ project: 'other' })] });
    expect(await reasonForNoPlan(request)).toBe(
      'The project "street-scenes" has no route, and there is no route "*".',
    );
  });

  it('A missing delivery gets no plan', async () => {
    const request = await harness.accept(crops(1));
    unlinkSync(join(harness.folder, deliveryKey(request.sha256)));
    expect(await reasonForNoPlan(request)).toBe(
      `Delivery ${request.revision} is missing from the payload store. Nothing was sent.`,
    );
  });

  it.each([0, 40, 200, 700, -3])('A delivery whose byte %i was changed gets no plan', async (at) => {
    const request = await harness.accept(crops(3));
    const path = join(harness.folder, deliveryKey(request.sha256));
    harness.flipByte(path, at < 0 ? readFileSync(path).length + at : at);
    expect(await reasonForNoPlan(request)).toMatch(
      new RegExp(
        `^Delivery ${request.revision} was changed in the payload store: expected sha256 ${request.sha256}, got [0-9a-f]{64}\\. Nothing was sent\\.$`,
      ),
    );
  });

  it('A delivery that was cut off gets no plan', async () => {
    const request = await harness.accept(crops(3));
    const path = join(harness.folder, deliveryKey(request.sha256));
    writeFileSync(path, readFileSync(path).subarray(0, 500));
    expect(await reasonForNoPlan(request)).toContain('was changed in the payload store');
  });

  it('A delivery of another issue gets no plan', async () => {
    const request = await harness.accept(crops(3), { issueId: 'issue-2' });
    expect(await reasonForNoPlan(request)).toBe(
      `Delivery ${request.revision} belongs to a different issue than the request. Nothing was sent.`,
    );
  });

  it('A delivery with an invalid element gets no plan with onInvalid: fail', async () => {
    harness.restart({ routes: [aRoute({ onInvalid: 'fail' })] });
    const request = await harness.accept([
      aCrop('secret-id'),
      { element_id: 'secret-id', element_type: 'cuboid' },
    ]);
    const reason = await reasonForNoPlan(request);
    expect(reason).toMatch(
      /^Element 2 is invalid \(element_type: .*\), and the route has onInvalid: fail\.$/,
    );
    expect(reason).not.toContain('secret-id');
  });

  it('An unreadable earlier attempt prevents a plan, because it may be the same request’s', async () => {
    const request = await harness.accept(crops(3));
    const { ref } = await harness.plan(request);
    harness.flipByte(harness.path(ref, 'plan.json'), 40);
    expect(await harness.prepare(request)).toMatchObject({
      kind: 'needs-person',
      ref: { attempt: 2 },
      because: expect.stringMatching(
        /^plan\.json of attempt 1 at revision [0-9a-f]{12} (was changed|belongs|is not).* Nothing was sent\. Restore it/,
      ) as string,
    });
  });

  it('An unreadable earlier receipt prevents no plan: the report of its export says what was relabeled', async () => {
    const { ref } = await harness.complete(await harness.accept(crops(3)));
    writeFileSync(harness.path(ref, 'receipts/0-3.json'), '{"version":1,"items":[{"labelId":"label-1');
    const next = await harness.accept(crops(5));
    const planned = await harness.plan(next);
    expect(planned.labels).toBe(2);
    expect(harness.planFile(planned.ref).summary.warnings?.map(({ message }) => message)).toEqual([
      `receipts/0-3.json of attempt 1 at revision ${ref.revision} is not complete JSON: it was changed or truncated. What the attempt relabeled is known from its report.`,
    ]);
    expect(await harness.prepare({ ...next, force: true })).toMatchObject({ kind: 'plan', labels: 5 });
  });
});

it('prepareExport reads the whole project from the delivery when the request had to cut it', async () => {
  const project = 'ü'.repeat(150);
  harness.restart({ routes: [aRoute({ project, crops: 'all-in-frame' }), aRoute()] });
  const request = await harness.accept(crops(2), { project: 'ü'.repeat(100) }, { project });
  expect(await harness.plan(request)).toMatchObject({ project, labels: 4 });
});

it('A request whose plan is gone after labels were sent needs a person, whether it is forced or not', async () => {
  const request = await harness.accept(crops(3));
  const { ref } = await harness.plan(request);
  await harness.relabel(ref, 0, 3);
  unlinkSync(harness.path(ref, 'plan.json'));
  for (const force of [false, true])
    expect(await harness.prepare({ ...request, force })).toMatchObject({
      kind: 'needs-person',
      ref: { attempt: 2 },
      because: `plan.json of attempt 1 at revision ${ref.revision} is missing from the payload store. Nothing was sent. Restore it and resume, or cancel and ask again with "send all": that sends every label again.`,
    });
});

it('prepareExport stops at once when it is cancelled, and leaves no staged file', async () => {
  const request = await harness.accept(crops(3));
  const env = harness.env();
  env.cancel();
  await expect(harness.prepare(request, {}, env)).rejects.toThrow(CancelledFailure);
  expect(harness.staged()).toEqual([]);
  expect(harness.files({ issueId: 'issue-1', revision: request.revision, attempt: 1 })).toEqual([]);
});

it('The heartbeat of prepareExport shows its progress, without ids', async () => {
  await harness.plan(await harness.accept(crops(3)));
  expect(harness.heartbeats[0]).toEqual({ bytes: 0, elements: 0 });
});

it.each([
  ['ENOSPC', 'The payload store failed while preparing the export: it is full (ENOSPC). Temporal retries.'],
  [
    'EIO',
    'The payload store failed while preparing the export: its disk has an I/O error (EIO). Temporal retries.',
  ],
])('A store that fails with %s is retryable, and leaves no staged file', async (code, sentence) => {
  const request = await harness.accept(crops(3));
  harness.restart({}, storeThatFails(harness.store, code));
  await expect(harness.prepare(request)).rejects.toMatchObject({ message: sentence, nonRetryable: false });
  expect(harness.staged()).toEqual([]);
  harness.restart();
  expect(await harness.plan(request)).toMatchObject({ labels: 3, ref: { attempt: 1 } });
});

/** The second file that is committed does not get there. */
function storeThatFails(store: PayloadStore, code: string): PayloadStore {
  let commits = 0;
  return beforeEachCommit(store, async () => {
    commits += 1;
    if (commits === 2) throw Object.assign(new Error(`${code}: about label-1`), { code });
  });
}
