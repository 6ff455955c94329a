import { beforeEachCommit } from '../support/before-each-commit';
import type { AttemptRef } from '../../src/domain/attempt-ref';
import { unlinkSync, writeFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { createKeepDecision } from '../../src/activities/decide/keep-decision';
import { writeAppliedDecision } from '../../src/payloads/applied-decisions';
import { readReportHead } from '../../src/payloads/report-head';
import type { PayloadStore } from '../../src/payloads/payload-store';
import { activityHarnesses, ActivityHarness } from '../support/harness/activity-harness';
import { aCrop, aFrame, aRoute, crops } from '../support/builders';
import { answered, fails } from '../support/harness/fake-labeling-service';

let harness: ActivityHarness;
const newHarness = activityHarnesses();
beforeEach(() => {
  harness = newHarness();
});

it('The report has every label of the plan with its outcome, and every left-out element', async () => {
  const request = await harness.accept([...crops(6), aFrame('f', ['x'])]);
  const { ref } = await harness.plan(request);
  await harness.relabel(ref, 0, 2);
  harness.service.next(
    fails('bad-items', { detail: 'label-2 is poison' }),
    (items) => answered(items, 'already-gone'),
    fails('no-answer'),
  );
  await harness.relabel(ref, 2, 3);
  await harness.relabel(ref, 3, 4);
  await harness.relabel(ref, 4, 5).catch(() => undefined);
  const log = [{ at: '2026-11-24T00:00:00.000Z', text: 'anna approved it' }];
  const written = await harness.end(request, ref, {
    outcome: 'cancelled',
    reason: 'Cancelled by anna.',
    log,
  });
  const labels = { planned: 6, relabeled: 2, alreadyGone: 1, refused: 1, unconfirmed: 1, withheld: 1 };
  expect(written).toEqual({ outcome: 'cancelled', labels });
  const report = harness.reportJson(ref);
  expect(report).toMatchObject({
    requests: [request.requestId],
    version: 1,
    issueId: 'issue-1',
    outcome: 'cancelled',
    reason: 'Cancelled by anna.',
    destination: 'labelbox',
    destinationProject: 'street-scenes',
    counts: labels,
    leftOutCounts: { frame: 1 },
    log,
  });
  expect(
    report.labels.map(({ position, labelId, outcome, chunk, reason }) => [
      position,
      labelId,
      outcome,
      chunk,
      reason,
    ]),
  ).toEqual([
    [1, 'label-0', 'relabeled', '0-2', undefined],
    [2, 'label-1', 'relabeled', '0-2', undefined],
    [3, 'label-2', 'refused', '2-3', 'label-2 is poison'],
    [4, 'label-3', 'already-gone', '3-4', undefined],
    [5, 'label-4', 'unconfirmed', '4-5', 'The label may have been sent, but there is no receipt.'],
    [6, 'label-5', 'withheld', undefined, 'Cancelled by anna.'],
  ]);
  expect(report.leftOut).toMatchObject([{ element: 6, elementId: 'f', reason: 'frame' }]);
  expect(await readReportHead(harness.store, ref)).toEqual({
    ...report,
    labels: undefined,
    leftOut: undefined,
  });
});

it('The report names who approved each label, also among a dozen decisions, and keeps the rejection that ended the export', async () => {
  const request = await harness.accept(crops(14));
  const { ref } = await harness.plan(request);
  await harness.relabel(ref, 0, 12);
  const keep = createKeepDecision({ store: harness.store });
  const at = (second: number): string => `2026-11-24T10:00:${String(second).padStart(2, '0')}.000Z`;
  for (let upTo = 1; upTo <= 12; upTo += 1)
    await keep({ ref, question: upTo, entry: { upTo, who: `p${upTo} (token)`, at: at(upTo) } });
  const rejection = {
    kind: 'reject',
    upTo: 14,
    who: '"eve" (claimed)',
    at: at(13),
    reason: 'wrong '.repeat(300),
  } as const;
  await keep({ ref, question: 13, entry: rejection });
  await harness.end(request, ref, { outcome: 'rejected' });
  const report = harness.reportJson(ref);
  expect(report.labels.slice(0, 12).map(({ decision }) => decision)).toEqual(
    Array.from({ length: 12 }, (_, n) => `p${n + 1} (token)`),
  );
  expect(report.decisions).toHaveLength(13);
  expect((await readReportHead(harness.store, ref))?.decisions?.at(-1)).toEqual(rejection);
});

it('The CSV has the same rows as the JSON, without formulas', async () => {
  const request = await harness.accept([
    aCrop('=HYPERLINK("x")', { frame: {} }),
    aCrop('b,"c"'),
    aFrame('-f', []),
  ]);
  const { ref } = await harness.complete(request);
  const at = harness.receipt(ref, '0-2').answeredAt;
  expect(harness.text(ref, 'report.csv').split('\r\n')).toEqual([
    'position,label_id,element_id,element,class,outcome,repeated,reason,at,chunk,decision,element_count,elements,element_ids',
    `1,"'=HYPERLINK(""x"")","'=HYPERLINK(""x"")",0,car,relabeled,false,,${at},0-2,,1,[0],"[""=HYPERLINK(\\""x\\"")""]"`,
    `2,"b,""c""","b,""c""",1,car,relabeled,false,,${at},0-2,,1,[1],"[""b,\\""c\\""""]"`,
    `,,'-f,2,,left-out,false,frame: The route skips frame elements.,,,,,,`,
    '',
  ]);
});

describe('The row of a label names its elements', () => {
  /** A crop with an element id of its own. */
  const of = (label: string, elementId: string) => aCrop(label, { element_id: elementId });
  const listed = (...pairs: [number, string][]) =>
    pairs.map(([element, elementId]) => ({ element, elementId }));

  it('The row of a label names its elements by index and id, in the order of the delivery', async () => {
    const hostile = '\uD800 =1+1, "x"\n';
    const request = await harness.accept([
      of('a', 'a1'),
      of('b', 'b1'),
      of('a', 'a2'),
      of('c', 'c1'),
      of('b', hostile),
      of('a', 'a3'),
    ]);
    const { ref } = await harness.complete(request);
    const { labels, leftOut } = harness.reportJson(ref);
    expect(labels).toMatchObject([
      {
        labelId: 'a',
        element: 0,
        elementId: 'a1',
        elementCount: 3,
        elements: listed([0, 'a1'], [2, 'a2'], [5, 'a3']),
      },
      {
        labelId: 'b',
        element: 1,
        elementId: 'b1',
        elementCount: 2,
        elements: listed([1, 'b1'], [4, hostile]),
      },
      { labelId: 'c', element: 3, elementId: 'c1', elementCount: 1, elements: listed([3, 'c1']) },
    ]);
    expect(
      leftOut.map(({ element, labelId, position, reason }) => [element, labelId, position, reason]),
    ).toEqual([
      [2, 'a', 1, 'same-label'],
      [4, 'b', 2, 'same-label'],
      [5, 'a', 1, 'same-label'],
    ]);
    const rows = parse(harness.text(ref, 'report.csv'), {
      columns: true,
      record_delimiter: '\r\n',
    }) as Record<string, string>[];
    const list = (cell: string | undefined) => JSON.parse(cell!) as unknown[];
    expect(
      rows.slice(0, 3).map((row) => [row['element_count'], list(row['elements']), list(row['element_ids'])]),
    ).toEqual([
      ['3', [0, 2, 5], ['a1', 'a2', 'a3']],
      ['2', [1, 4], ['b1', hostile]],
      ['1', [3], ['c1']],
    ]);
  });

  it('The row of a label names its elements when elements name several labels each', async () => {
    harness.restart({ routes: [aRoute({ frames: 'all-labels' })] });
    const { ref } = await harness.complete(
      await harness.accept([aFrame('f', ['x', 'y']), aFrame('g', ['y', 'x']), aFrame('h', ['x'])]),
    );
    expect(harness.reportJson(ref).labels).toMatchObject([
      { labelId: 'x', elementCount: 3, elements: listed([0, 'f'], [1, 'g'], [2, 'h']) },
      { labelId: 'y', elementCount: 2, elements: listed([0, 'f'], [1, 'g']) },
    ]);
  });

  it('The row of a label names at most a hundred elements and counts the others, which have rows as left out', async () => {
    const request = await harness.accept([
      ...Array.from({ length: 250 }, (_, at) => of('a', `a-${at}`)),
      of('b', 'b'),
    ]);
    const { ref } = await harness.complete(request);
    const { labels, leftOut } = harness.reportJson(ref);
    expect(labels).toMatchObject([
      {
        elementCount: 250,
        elements: listed(...Array.from({ length: 100 }, (_, at): [number, string] => [at, `a-${at}`])),
      },
      { elementCount: 1, elements: listed([250, 'b']) },
    ]);
    expect(leftOut.map(({ elementId }) => elementId)).toEqual(
      Array.from({ length: 249 }, (_, at) => `a-${at + 1}`),
    );
  });

  it('The row of a label names no more elements than a spreadsheet cell holds', async () => {
    const long = Array.from({ length: 20 }, (_, at) => of('a', `${at}`.padEnd(4000, 'x')));
    const { ref } = await harness.complete(
      await harness.accept([of('a', 'short'), ...long, of('a', 'y'.repeat(5000))]),
    );
    const [label] = harness.reportJson(ref).labels;
    const ids = (label!['elements'] as { elementId: string }[]).map(({ elementId }) => elementId);
    expect([label!['elementCount'], ids.length]).toEqual([22, 8]);
    expect(JSON.stringify(ids).length).toBeLessThan(32_767);
  });
});

it('The report marks the labels of a call that may have been made twice', async () => {
  const request = await harness.accept(crops(2));
  const { ref } = await harness.plan(request);
  harness.service.next(fails('no-answer'));
  await harness.relabel(ref, 0, 2).catch(() => undefined);
  await harness.relabel(ref, 0, 2, { attempt: 2 });
  await harness.end(request, ref);
  expect(harness.reportJson(ref).labels.map(({ repeated }) => repeated)).toEqual([true, true]);
});

it('The report prefers the receipts of smaller chunks to the sent-mark of the larger one', async () => {
  const request = await harness.accept(crops(4));
  const { ref } = await harness.plan(request);
  harness.service.next(fails('no-answer'));
  await harness.relabel(ref, 0, 4).catch(() => undefined);
  await harness.relabel(ref, 0, 2, { mayOverlap: true });
  expect(await harness.end(request, ref)).toEqual({
    outcome: 'completed-with-problems',
    labels: { planned: 4, relabeled: 2, alreadyGone: 0, refused: 0, unconfirmed: 2, withheld: 0 },
  });
});

describe('The outcome of an export that was sent to the end', () => {
  it('The outcome is completed when every label came through, whatever options left out', async () => {
    const request = await harness.accept([aCrop('a'), aCrop('a'), aFrame('f', ['x'])]);
    const { ref } = await harness.plan(request);
    await harness.relabel(ref, 0, 1);
    expect((await harness.end(request, ref)).outcome).toBe('completed');
  });

  it('The outcome has problems when an element was invalid or matched no label', async () => {
    const request = await harness.accept([aCrop('a', { labels: [] })]);
    const { ref } = await harness.plan(request);
    expect((await harness.end(request, ref)).outcome).toBe('completed-with-problems');
  });

  it('The outcome has problems when a label was refused', async () => {
    const request = await harness.accept(crops(1));
    const { ref } = await harness.plan(request);
    harness.service.next(fails('bad-items'));
    await harness.relabel(ref, 0, 1);
    expect((await harness.end(request, ref)).outcome).toBe('completed-with-problems');
  });

  it('The outcome of an empty plan is completed, and its report is whole', async () => {
    const request = await harness.accept([aFrame('f', [])]);
    const { ref } = await harness.plan(request);
    expect((await harness.end(request, ref)).outcome).toBe('completed');
    expect(harness.reportJson(ref)).toMatchObject({ labels: [], leftOut: [{ reason: 'frame' }] });
  });
});

describe('A withheld label', () => {
  const reject = {
    kind: 'reject' as const,
    upTo: 2,
    who: 'ann (token)',
    at: '2026-11-24T10:00:00.000Z',
    reason: 'wrong class',
  };
  const readCsvRows = (ref: AttemptRef) =>
    (
      parse(harness.text(ref, 'report.csv'), {
        columns: true,
        bom: true,
        record_delimiter: '\r\n',
      }) as Record<string, string>[]
    ).map(({ outcome, reason, at, decision }) => ({ outcome, reason, at, decision }));

  it('A label withheld by a rejection has who rejected, when and why, in JSON and CSV', async () => {
    const request = await harness.accept(crops(2));
    const { ref } = await harness.plan(request);
    await writeAppliedDecision(harness.store, ref, 1, reject);
    const reason = 'Update reject by ann (token) ("wrong class").';
    await harness.end(request, ref, { outcome: 'rejected', reason });
    const withheld = { outcome: 'withheld', reason, at: reject.at, decision: 'ann (token)' };
    expect(harness.reportJson(ref).labels).toMatchObject([withheld, withheld]);
    expect(readCsvRows(ref)).toEqual([withheld, withheld]);
  });

  it('A rejection of the rest leaves the labels that were sent with the decision that approved them', async () => {
    const request = await harness.accept(crops(2));
    const { ref } = await harness.plan(request);
    await writeAppliedDecision(harness.store, ref, 1, {
      upTo: 1,
      who: 'bob (token)',
      at: '2026-11-24T09:00:00.000Z',
    });
    await harness.relabel(ref, 0, 1);
    await writeAppliedDecision(harness.store, ref, 2, reject);
    await harness.end(request, ref, { outcome: 'rejected', reason: 'No.' });
    expect(readCsvRows(ref)).toMatchObject([
      { outcome: 'relabeled', reason: '', decision: 'bob (token)' },
      { outcome: 'withheld', reason: 'No.', decision: 'ann (token)' },
    ]);
  });

  it.each(['expired', 'cancelled'] as const)(
    'A withheld label of an export that was %s has why and when, but no decision',
    async (outcome) => {
      const request = await harness.accept(crops(1));
      const { ref } = await harness.plan(request);
      await harness.end(request, ref, { outcome, reason: 'No decision came within 7 days.'.repeat(20) });
      const { endedAt, reason } = harness.reportJson(ref);
      expect(String(reason)).toHaveLength(620);
      expect(readCsvRows(ref)).toEqual([
        { outcome: 'withheld', reason: String(reason).slice(0, 300), at: endedAt, decision: '' },
      ]);
      expect(harness.reportJson(ref).labels[0]).not.toHaveProperty('decision');
    },
  );
});

it('writeReport removes the inbox entries, also those of repeated requests', async () => {
  const request = await harness.accept(crops(2));
  const again = await harness.accept(crops(2));
  const other = await harness.accept(crops(3));
  const { ref } = await harness.plan(request);
  await harness.end(request, ref, { also: [again.requestId] });
  expect(harness.inbox()).toEqual([other.requestId]);
  expect(harness.reportJson(ref).requests).toEqual([request.requestId, again.requestId]);
});

it('A report that is written twice keeps the first outcome', async () => {
  const request = await harness.accept(crops(2));
  const { ref } = await harness.complete(request);
  const before = harness.text(ref, 'report.json');
  expect(await harness.end(request, ref, { outcome: 'cancelled' })).toMatchObject({
    outcome: 'completed',
    labels: { relabeled: 2 },
  });
  expect(harness.text(ref, 'report.json')).toBe(before);
});

it.each(['report.csv', 'report.json'])(
  'A try of writeReport that wakes up before it commits %s keeps the report that a later try wrote',
  async (name) => {
    const request = await harness.accept(crops(2));
    const again = await harness.accept(crops(2));
    const { ref } = await harness.plan(request);
    await harness.relabel(ref, 0, 2);
    const later = new ActivityHarness(harness.folder);
    let before = '';
    harness.restart(
      {},
      beforeCommit(harness.store, name, async () => {
        await later.end(request, ref);
        before = harness.text(ref, 'report.json').replace(/^.*\n/, '');
      }),
    );
    expect(await harness.end(request, ref, { outcome: 'cancelled', also: [again.requestId] })).toMatchObject({
      outcome: 'completed',
    });
    expect(harness.text(ref, 'report.json').replace(/^.*\n/, '')).toBe(before);
    expect(harness.reportJson(ref).requests).toEqual([request.requestId, again.requestId]);
    expect(harness.inbox()).toEqual([]);
    expect(harness.staged()).toEqual([]);
  },
);

it('A report that cannot be read is replaced when its request ends again', async () => {
  const request = await harness.accept(crops(2));
  const { ref } = await harness.complete(request);
  for (const name of ['plan.json', 'report.json']) writeFileSync(harness.path(ref, name), '{');
  await harness.end(request, ref, { outcome: 'cancelled' });
  expect(harness.reportJson(ref)).toMatchObject({ outcome: 'cancelled', requests: [request.requestId] });
});

/** A store that does something once, before it commits a file with this name. */
function beforeCommit(store: PayloadStore, name: string, act: () => Promise<void>): PayloadStore {
  let isDone = false;
  return beforeEachCommit(store, async (key) => {
    if (isDone || !key.endsWith(name)) return;
    isDone = true;
    await act();
  });
}

it('A report that was interrupted before its JSON was durable is written whole by the retry', async () => {
  const request = await harness.accept(crops(2));
  const { ref } = await harness.complete(request);
  unlinkSync(harness.path(ref, 'report.json'));
  expect(await harness.end(request, ref)).toMatchObject({ outcome: 'completed' });
  expect(harness.files(ref)).toEqual(expect.arrayContaining(['report.csv', 'report.json']));
});

describe('Duplicates', () => {
  const duplicates = (ref: { issueId: string; revision: string; attempt: number }, requestIds: string[]) =>
    harness.report({ kind: 'duplicates', ref, requestIds });

  it('Duplicates are added once to the report that answers them, and change nothing else in it', async () => {
    const { ref } = await harness.complete(await harness.accept(crops(2)));
    const [second, third] = [await harness.accept(crops(2)), await harness.accept(crops(2))];
    const before = harness.reportJson(ref);
    const ids = [second.requestId, third.requestId];
    expect(await duplicates(ref, ids)).toMatchObject({ outcome: 'completed', labels: { relabeled: 2 } });
    expect(await duplicates(ref, [second.requestId])).toMatchObject({ outcome: 'completed' });
    expect(harness.reportJson(ref)).toEqual({ ...before, requests: [...before.requests, ...ids] });
    expect(harness.inbox()).toEqual([]);
    expect(await harness.prepare(third)).toEqual({ kind: 'duplicate', ref, outcome: 'completed' });
  });

  it('Duplicates are added to a report that is longer than one read', async () => {
    const { ref } = await harness.complete(await harness.accept(crops(3000)));
    const before = harness.reportJson(ref);
    await duplicates(ref, ['20261124T000000000Z-00000000000a']);
    expect(harness.reportJson(ref)).toEqual({
      ...before,
      requests: [...before.requests, '20261124T000000000Z-00000000000a'],
    });
  });

  it('Duplicates of a missing report are retried, and stay in the inbox', async () => {
    const { ref } = await harness.complete(await harness.accept(crops(2)));
    const second = await harness.accept(crops(2));
    unlinkSync(harness.path(ref, 'report.json'));
    await expect(duplicates(ref, [second.requestId])).rejects.toMatchObject({
      nonRetryable: false,
      message: expect.stringContaining('report.json') as string,
    });
    expect(harness.inbox()).toEqual([second.requestId]);
  });
});

describe('A report without a plan', () => {
  it('A failed attempt reports its request and the reason', async () => {
    const request = await harness.accept(crops(2), { issueId: 'issue-2' });
    const failed = await harness.prepare(request);
    if (failed.kind !== 'failed') throw new Error(failed.kind);
    expect(
      await harness.end(request, failed.ref, { outcome: 'failed', reason: failed.reason }),
    ).toMatchObject({
      outcome: 'failed',
      labels: { planned: 0 },
    });
    expect(harness.reportJson(failed.ref)).toMatchObject({
      requestId: request.requestId,
      reason: failed.reason,
      labels: [],
      leftOut: [],
    });
    expect(harness.inbox()).toEqual([]);
    expect(await harness.prepare(request)).toMatchObject({ kind: 'duplicate', outcome: 'failed' });
  });

  it('A superseded request gets the next attempt number, and the same one in a retry', async () => {
    const request = await harness.accept(crops(2));
    const { ref } = await harness.complete(await harness.accept(crops(2)));
    const input = {
      kind: 'never-planned',
      request,
      also: [],
      outcome: 'superseded',
      reason: 'It was superseded.',
      log: [],
    } as const;
    await harness.report(input);
    await harness.report({ ...input, also: ['20261124T000000000Z-00000000000a'] });
    expect(harness.files({ ...ref, attempt: 3 })).toEqual([]);
    expect(harness.reportJson({ ...ref, attempt: 2 })).toMatchObject({
      requests: [request.requestId, '20261124T000000000Z-00000000000a'],
      outcome: 'superseded',
      reason: 'It was superseded.',
      labels: [],
    });
    expect(harness.inbox()).toEqual([]);
  });

  it('A request whose plan the workflow does not know is reported with its plan', async () => {
    const request = await harness.accept(crops(2));
    const { ref } = await harness.plan(request);
    await harness.report({
      kind: 'never-planned',
      request,
      also: [],
      outcome: 'superseded',
      reason: 'It was superseded.',
      log: [],
    });
    expect(harness.reportJson(ref)).toMatchObject({
      outcome: 'superseded',
      counts: { planned: 2, withheld: 2 },
    });
  });

  it('A report never replaces the report of another request', async () => {
    const { ref } = await harness.complete(await harness.accept(crops(2)));
    const request = await harness.accept(crops(2), { force: true });
    await harness.end(request, ref, { outcome: 'failed', reason: 'No plan.' });
    expect(harness.reportJson(ref).outcome).toBe('completed');
    expect(harness.reportJson({ ...ref, attempt: 2 })).toMatchObject({
      outcome: 'failed',
      requests: [request.requestId],
    });
  });
});

describe('A report with changed files', () => {
  it('A report is written despite changed files, which may be why the export was ended', async () => {
    const request = await harness.accept(crops(4));
    const { ref } = await harness.plan(request);
    await harness.relabel(ref, 0, 2);
    await harness.relabel(ref, 2, 3);
    writeFileSync(harness.path(ref, 'labels.ndjson'), 'not a label\n');
    writeFileSync(harness.path(ref, 'left-out.ndjson'), 'not a line\n');
    writeFileSync(harness.path(ref, 'receipts/2-3.json'), '{"items":[{"labelId":"label-2"');
    expect(await harness.end(request, ref, { outcome: 'cancelled' })).toMatchObject({
      labels: { planned: 4, relabeled: 2, unconfirmed: 1, withheld: 1 },
    });
    expect(
      harness.reportJson(ref).labels.map(({ labelId, outcome, reason }) => [labelId, outcome, reason]),
    ).toEqual([
      ['label-0', 'relabeled', 'The line of the label in labels.ndjson is missing or was changed.'],
      ['label-1', 'relabeled', 'The line of the label in labels.ndjson is missing or was changed.'],
      ['', 'unconfirmed', 'The receipt cannot be read: it was changed or truncated.'],
      ['', 'withheld', 'The line of the label in labels.ndjson is missing or was changed.'],
    ]);
    expect(harness.reportJson(ref).leftOut[0]!.detail).toBe(
      'This line of left-out.ndjson was changed and cannot be read.',
    );
  });

  it('A report names an unreadable plan, and its outcome is completed-with-problems', async () => {
    const request = await harness.accept(crops(2));
    const { ref } = await harness.plan(request);
    await harness.relabel(ref, 0, 2);
    writeFileSync(harness.path(ref, 'plan.json'), '{');
    expect(await harness.end(request, ref)).toMatchObject({ outcome: 'completed-with-problems' });
    expect(harness.reportJson(ref)['reason']).toContain('plan.json of attempt 1');
  });
});

it('A changed head of a report is found', async () => {
  const { ref } = await harness.complete(await harness.accept(crops(2)));
  writeFileSync(harness.path(ref, 'report.json'), '{"requests":[\n"labels":[\n]}');
  await expect(readReportHead(harness.store, ref)).rejects.toThrow(
    `report.json of attempt 1 at revision ${ref.revision} has a head that is not JSON: it was changed.`,
  );
  writeFileSync(harness.path(ref, 'report.json'), '{"requests":[]');
  await expect(readReportHead(harness.store, ref)).rejects.toThrow('has no head');
});
