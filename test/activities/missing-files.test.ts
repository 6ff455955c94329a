import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttemptRef } from '../../src/domain/attempt-ref';
import type { Receipt } from '../../src/domain/receipt';
import { writeAppliedDecision } from '../../src/payloads/applied-decisions';
import { writeDecisionProof } from '../../src/payloads/decision-proofs';
import { updateDispatchState } from '../../src/payloads/inbox-entry';
import { findDamagedFiles } from '../../src/payloads/damage/find-damaged-files';
import { inboxKey, receiptsFolder } from '../../src/payloads/keys';
import { readReceipt, writeReceipt } from '../../src/payloads/receipts';
import { isReportUnchanged } from '../../src/payloads/report-content';
import { tempFolder } from '../payloads/temp-folder';
import { crops } from '../support/builders';
import { ActivityHarness } from '../support/harness/activity-harness';

/*
 * A file of an export is gone. Nothing is then sent again without a word, and no label that was sent counts as
 * withheld.
 */

const parent = tempFolder();
let harness: ActivityHarness;
beforeEach(() => {
  harness = new ActivityHarness(mkdtempSync(join(parent, 'store-')));
});

const wayOn =
  'Nothing was sent. Restore it and resume, or cancel and ask again with "send all": that sends every label again.';

/** A completed export of ten labels in two calls. */
async function completed() {
  const request = await harness.accept(crops(10));
  const { ref } = await harness.plan(request);
  await harness.relabel(ref, 0, 5);
  await harness.relabel(ref, 5, 10);
  await harness.end(request, ref);
  return { ref, remove: (name: string) => rmSync(harness.path(ref, name), { recursive: true }) };
}

const messages = (ref: AttemptRef) => harness.planFile(ref).summary.warnings?.map(({ message }) => message);
const policyApproval = { upTo: 10, who: 'policy', at: '2026-11-24T00:00:00.000Z' };
const nextRevision = async () => harness.accept(crops(12));

describe('After a completed export', () => {
  it.each([
    ['receipts', 'receipts/', 'has no receipt of labels 1-10'],
    ['receipts/5-10.json', 'receipts/', 'has no receipt of labels 6-10'],
    ['plan.json', 'plan.json', 'is missing from the payload store'],
  ])(
    'Without %s, the next revision sends only what is new, and says where it knows that from',
    async (name, file, what) => {
      const { ref, remove } = await completed();
      remove(name);
      const plan = await harness.plan(await nextRevision());
      expect(harness.labels(plan.ref).map(({ labelId }) => labelId)).toEqual(['label-10', 'label-11']);
      expect(messages(plan.ref)).toEqual([
        `${file} of attempt 1 at revision ${ref.revision} ${what}. What the attempt relabeled is known from its report.`,
      ]);
    },
  );

  it.each([
    ['receipts', 'report.json', 'report.json', 'is missing from the payload store'],
    ['receipts/0-5.json', 'report.json', 'report.json', 'is missing from the payload store'],
    ['plan.json', 'report.json', 'plan.json', 'is missing from the payload store'],
  ])(
    'Without %s and %s, nothing is planned, and the sentence names what is missing and both ways on',
    async (first, second, file, what) => {
      const { ref, remove } = await completed();
      remove(first);
      remove(second);
      expect(await harness.prepare(await nextRevision())).toMatchObject({
        kind: 'needs-person',
        because: `${file} of attempt 1 at revision ${ref.revision} ${what}. ${wayOn}`,
      });
    },
  );

  it('Without the report alone, the receipts show everything, and a warning names the report', async () => {
    const { ref, remove } = await completed();
    remove('report.json');
    const plan = await harness.plan(await nextRevision());
    expect(plan.labels).toBe(2);
    expect(messages(plan.ref)).toEqual([
      `report.json of attempt 1 at revision ${ref.revision} is missing from the payload store.`,
    ]);
  });

  it.each(['"outcome":"relabeled"', '"label-3"'])(
    'A report in which %s was changed does not replace the receipts',
    async (text) => {
      const { ref, remove } = await completed();
      remove('receipts');
      const path = harness.path(ref, 'report.json');
      const report = readFileSync(path, 'utf8');
      const at = report.lastIndexOf(text) + 4;
      writeFileSync(path, `${report.slice(0, at)}x${report.slice(at + 1)}`);
      expect(await harness.prepare(await nextRevision())).toMatchObject({ kind: 'needs-person' });
    },
  );

  it('A head of a report that was changed is noticed, although it is JSON; the receipts show everything', async () => {
    const { ref } = await completed();
    const path = harness.path(ref, 'report.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"relabeled":10', '"relabeled":11'));
    const plan = await harness.plan(await nextRevision());
    expect(plan.labels).toBe(2);
    expect(messages(plan.ref)).toEqual([
      `report.json of attempt 1 at revision ${ref.revision} was changed after it was written.`,
    ]);
  });
});

describe('After a completed export, an earlier version of a receipt, which has a right hash of its own', () => {
  const unconfirmed = ({ items }: Receipt): Partial<Receipt> => ({
    reported: null,
    items: items.map(({ labelId }) => ({ labelId, outcome: 'unconfirmed' })),
  });
  const refused = ({ items }: Receipt): Partial<Receipt> => ({
    items: items.map((item, at) => (at === 2 ? { ...item, outcome: 'refused' } : item)),
  });
  const once = (): Partial<Receipt> => ({ repeated: false });

  /** As if a second answer had been joined with the first one before the report was written. */
  const completedTwiceAnswered = async (
    before: (receipt: Receipt) => Partial<Receipt>,
    ranges = [[0, 5]],
  ) => {
    const request = await harness.accept(crops(15));
    const { ref } = await harness.plan(request);
    for (const from of [0, 5, 10]) await harness.relabel(ref, from, from + 5);
    const restore: (() => void)[] = [];
    for (const [from = 0, to = 0] of ranges) {
      const final = await readReceipt(harness.store, ref, { from, to });
      await writeReceipt(harness.store, ref, { ...final, ...before(final) });
      const path = harness.path(ref, `receipts/${from}-${to}.json`);
      const earlier = readFileSync(path);
      restore.push(() => writeFileSync(path, earlier));
      await writeReceipt(harness.store, ref, { ...final, repeated: true });
    }
    await harness.end(request, ref);
    restore.forEach((put) => put());
    return { ref };
  };
  const warning = (revision: string) =>
    `receipts/ of attempt 1 at revision ${revision} has another version of a receipt than its report was made from. What the attempt relabeled is known from its report.`;

  it.each([
    ['without outcomes', unconfirmed, [[0, 5]]],
    ['with one weaker outcome', refused, [[5, 10]]],
    ['that is not marked as repeated', once, [[10, 15]]],
    [
      'of two receipts',
      unconfirmed,
      [
        [0, 5],
        [10, 15],
      ],
    ],
  ] as const)(
    '%s: no label is planned again, and the plan and doctor name the folder',
    async (_, before, ranges) => {
      const { ref } = await completedTwiceAnswered(
        before,
        ranges.map((range) => [...range]),
      );
      const plan = await harness.plan(await harness.accept(crops(16)));
      expect(harness.labels(plan.ref).map(({ labelId }) => labelId)).toEqual(['label-15']);
      expect(messages(plan.ref)).toEqual([warning(ref.revision)]);
      const { damaged } = await findDamagedFiles(harness.store, Date.now() + 60_000);
      expect(damaged).toEqual([{ path: receiptsFolder(ref), state: 'changed' }]);
    },
  );

  it('while the report was changed too: nothing is planned', async () => {
    const { ref } = await completedTwiceAnswered(unconfirmed);
    const report = readFileSync(harness.path(ref, 'report.json'), 'utf8');
    writeFileSync(harness.path(ref, 'report.json'), report.replace('"label-3"', '"label-x"'));
    expect(await harness.prepare(await harness.accept(crops(16)))).toMatchObject({ kind: 'needs-person' });
  });

  it('A receipt that was lost before the report and is restored after it is not one: it counts', async () => {
    const request = await harness.accept(crops(10));
    const { ref, digits } = await harness.plan(request);
    for (const from of [0, 5]) await harness.relabel(ref, from, from + 5);
    const path = harness.path(ref, 'receipts/0-5.json');
    const receipt = readFileSync(path);
    rmSync(path);
    const answered = [{ from: 0, to: 10 }];
    const known = { digits, labels: 10, leftOut: {}, destination: 'labelbox', answered };
    await harness.end(request, ref, { known, policyApproval });
    writeFileSync(path, receipt);
    const plan = await harness.plan(await nextRevision());
    expect([plan.labels, messages(plan.ref)]).toEqual([2, undefined]);
  });
});

describe('After a report of an earlier version, which has no hash and no list of receipts', () => {
  const completedEarlier = async () => {
    const { ref, remove } = await completed();
    const path = harness.path(ref, 'report.json');
    const lines = readFileSync(path, 'utf8').split('\n');
    const kept = lines.filter(
      (line) => !/^"(?:receipts|receiptsSha256|csvSha256|contentSha256)":/.test(line),
    );
    const report = kept.join('\n').replace(/"headSha256":"\w+",/, '');
    writeFileSync(path, report.replace(/\],\n$/, ']}\n'));
    const { requestId } = harness.planFile(ref);
    return { ref, remove, path, requestId };
  };

  it.each([
    ['receipts', '1-10'],
    ['receipts/0-5.json', '1-5'],
    ['receipts/5-10.json', '6-10'],
  ])('Without %s, the report still shows what was relabeled, and a warning says so', async (name, labels) => {
    const { ref, remove, requestId } = await completedEarlier();
    remove(name);
    const plan = await harness.plan(await nextRevision());
    expect(harness.labels(plan.ref).map(({ labelId }) => labelId)).toEqual(['label-10', 'label-11']);
    expect(messages(plan.ref)).toEqual([
      `receipts/ of attempt 1 at revision ${ref.revision} has no receipt of labels ${labels}. What the attempt relabeled is known from its report, which has no hash (request ${requestId}).`,
    ]);
  });

  it('With all its receipts, there is no warning', async () => {
    await completedEarlier();
    expect(messages((await harness.plan(await nextRevision())).ref)).toBeUndefined();
  });

  it('Without receipts, a report that lacks a label stops the next plan', async () => {
    const { remove, path } = await completedEarlier();
    remove('receipts');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^\{"position":4,.*\n/m, ''));
    expect(await harness.prepare(await nextRevision())).toMatchObject({ kind: 'needs-person' });
  });
});

describe('Of a completed export without plan, receipts and report, the next plan has a warning', () => {
  const warning = (revision: string, shownBy: string) =>
    `plan.json, receipts/ and report.json of attempt 1 at revision ${revision} are missing from the payload store; ${shownBy} shows that there was one. Labels that it relabeled may be sent again.`;
  const vanish = (ref: AttemptRef, names = harness.files(ref)) =>
    names.forEach((name) => rmSync(harness.path(ref, name), { recursive: true }));

  it.each([
    [['labels.ndjson'], 'labels.ndjson in its folder'],
    [['report.csv'], 'report.csv in its folder'],
    [[], 'its empty folder'],
  ])('with %j in its folder', async (left, shownBy) => {
    const { ref } = await completed();
    vanish(
      ref,
      harness.files(ref).filter((name) => !left.includes(name)),
    );
    const plan = await harness.plan(await nextRevision());
    expect(messages(plan.ref)).toEqual([warning(ref.revision, shownBy)]);
  });

  it('with only an applied decision in its folder', async () => {
    const { ref } = await completed();
    vanish(ref);
    await writeAppliedDecision(harness.store, ref, 1, policyApproval);
    const plan = await harness.plan(await nextRevision());
    expect(messages(plan.ref)).toEqual([warning(ref.revision, 'decisions in its folder')]);
  });

  it('without its folder, while the list of reports names it', async () => {
    const { ref, remove } = await completed();
    remove('');
    rmSync(join(harness.path(ref, ''), '..'), { recursive: true });
    const plan = await harness.plan(await nextRevision());
    expect(messages(plan.ref)).toEqual([warning(ref.revision, 'the list of reports')]);
  });

  it('without its folder, after another attempt at the revision', async () => {
    const { ref, remove } = await completed();
    const second = await harness.complete(await harness.accept(crops(10), { force: true }));
    expect(second.ref.attempt).toBe(2);
    remove('');
    rmSync(join(harness.folder, 'index'), { recursive: true });
    const plan = await harness.plan(await nextRevision());
    expect(messages(plan.ref)).toEqual([warning(ref.revision, 'a later attempt or request')]);
  });

  it('without its revision, while a decision proof shows that a question about it was answered', async () => {
    const { ref } = await completed();
    rmSync(join(harness.path(ref, ''), '..'), { recursive: true });
    rmSync(join(harness.folder, 'index'), { recursive: true });
    const proof = { issueId: ref.issueId, decision: 'approve', revision: ref.revision, by: 'ann' } as const;
    await writeDecisionProof(harness.store, 'aa', { ...proof, at: policyApproval.at });
    expect(messages((await harness.plan(await nextRevision())).ref)).toBeUndefined(); // unused: perhaps too late
    await writeDecisionProof(harness.store, 'aa', { ...proof, at: policyApproval.at, usedBy: 'run/1' });
    const plan = await harness.plan(await harness.accept(crops(13)));
    expect(messages(plan.ref)).toEqual([warning(ref.revision, 'a decision proof')]);
  });
});

describe('After an operator asked again for everything', () => {
  const askAgain = async () =>
    harness.accept(crops(14), { force: true, again: { by: 'ann', reason: 'the disk died', after: 0 } });

  it('A loss is named in that plan and in every later one, and stops none of them', async () => {
    const { ref, remove } = await completed();
    for (const name of ['receipts', 'report.json']) remove(name);
    const lost = `report.json of attempt 1 at revision ${ref.revision} is missing from the payload store.`;
    const plan = await harness.plan(await askAgain());
    expect(messages(plan.ref)).toEqual([
      `${lost} ann asked for everything again: labels that it relabeled may be sent again.`,
    ]);
    expect(plan.labels).toBe(14);
    const later = await harness.plan(await nextRevision());
    expect(messages(later.ref)).toEqual([
      `${lost} ann accepted that: labels that it relabeled may be sent again.`,
    ]);
  });

  it('A file that is restored counts again, and a file that is lost later does not count as accepted', async () => {
    const { ref, remove } = await completed();
    const path = harness.path(ref, 'report.json');
    const report = readFileSync(path);
    for (const name of ['receipts', 'report.json']) remove(name);
    await harness.plan(await askAgain());
    writeFileSync(path, report);
    expect((await harness.plan(await nextRevision())).labels).toBe(2);
    for (const name of ['plan.json', 'report.json']) remove(name);
    writeFileSync(harness.path(ref, 'report.json'), 'torn');
    expect(await harness.prepare(await harness.accept(crops(13)))).toMatchObject({ kind: 'needs-person' });
  });

  describe('The note accepts nothing that is lost later', () => {
    const earlier = (ref: AttemptRef) => readReceipt(harness.store, ref, { from: 5, to: 10 });
    const stop = (ref: AttemptRef, what: string) => ({
      kind: 'needs-person',
      because: expect.stringContaining(
        `${what.replace('/ ', `/ of attempt 1 at revision ${ref.revision} `)} since ann accepted that other files are lost. Nothing was sent.`,
      ) as unknown,
    });
    const first: readonly (readonly [string, readonly string[]])[] = [
      ['the report and a receipt', ['report.json', 'receipts/0-5.json']],
      ['the report and the plan', ['report.json', 'plan.json']],
    ];
    const laterLosses: readonly (readonly [string, (ref: AttemptRef) => void | Promise<void>, string])[] = [
      [
        'a receipt is removed',
        (ref) => rmSync(harness.path(ref, 'receipts/5-10.json')),
        'receipts/ has lost the receipts of 5 labels (6-10)',
      ],
      [
        'a receipt is changed',
        (ref) => harness.flipByte(harness.path(ref, 'receipts/5-10.json'), 40),
        'receipts/ has lost the receipts of 5 labels (6-10)',
      ],
      [
        'a receipt is replaced by an earlier version',
        async (ref) => writeReceipt(harness.store, ref, { ...(await earlier(ref)), repeated: true }),
        'receipts/ has another version of a receipt',
      ],
    ];
    const cases = first.flatMap(([what, names]) =>
      laterLosses.map((later) => [what, names, ...later] as const),
    );

    it.each(cases)('after %s are lost (%j), %s', async (_, names, __, later, says) => {
      const { ref, remove } = await completed();
      names.forEach(remove);
      await harness.plan(await askAgain());
      expect(await harness.prepare(await nextRevision())).toMatchObject({ kind: 'plan' });
      await later(ref);
      expect(await harness.prepare(await harness.accept(crops(13)))).toMatchObject(stop(ref, says));
    });

    it('after the report and a receipt are lost, the plan is removed', async () => {
      const { ref, remove } = await completed();
      for (const name of ['report.json', 'receipts/0-5.json']) remove(name);
      await harness.plan(await askAgain());
      remove('plan.json');
      expect(await harness.prepare(await nextRevision())).toMatchObject(
        stop(ref, `plan.json of attempt 1 at revision ${ref.revision} was removed or changed`),
      );
    });

    it('but a later loss can be accepted too', async () => {
      const { remove } = await completed();
      for (const name of ['report.json', 'receipts/0-5.json']) remove(name);
      await harness.plan(await askAgain());
      remove('receipts/5-10.json');
      await harness.plan(
        await harness.accept(crops(15), { force: true, again: { by: 'bob', reason: 'r', after: 0 } }),
      );
      expect(await harness.prepare(await nextRevision())).toMatchObject({ kind: 'plan' });
    });
  });

  it('At the revision that lost its plan, a note accepts nothing that is lost later either', async () => {
    const { ref, remove } = await completed();
    for (const name of ['report.json', 'plan.json']) remove(name);
    await harness.plan(await askAgain());
    expect(await harness.prepare(await harness.accept(crops(10)))).toMatchObject({ kind: 'plan' });
    remove('receipts/0-5.json');
    expect(await harness.prepare(await harness.accept(crops(10), { requestId: 'other' }))).toMatchObject({
      kind: 'needs-person',
      because: expect.stringContaining(
        `receipts/ of attempt 1 at revision ${ref.revision} has lost`,
      ) as unknown,
    });
  });

  it('An empty note accepts nothing', async () => {
    const { ref, remove } = await completed();
    for (const name of ['receipts', 'report.json']) remove(name);
    writeFileSync(harness.path(ref, 'lost.json'), '');
    expect(await harness.prepare(await nextRevision())).toMatchObject({ kind: 'needs-person' });
  });
});

describe('A held request has no report', () => {
  const held = async (sent: readonly (readonly [number, number])[]) => {
    const request = await harness.accept(crops(10));
    const { ref } = await harness.plan(request);
    for (const [from, to] of sent) await harness.relabel(ref, from, to);
    await updateDispatchState(harness.store, { request, handOver: { held: 'A person terminated it.' } });
    return { ref, remove: (name: string) => rmSync(harness.path(ref, name), { recursive: true }) };
  };
  const warnings = async () => messages((await harness.plan(await nextRevision())).ref);
  const lacks = (ref: AttemptRef, labels: string) => [
    `receipts/ of attempt 1 at revision ${ref.revision} has no receipt of labels ${labels}.`,
  ];

  it('One that was approved and whose receipts are gone leaves a warning in later plans', async () => {
    const { ref, remove } = await held([[0, 5]]);
    await writeAppliedDecision(harness.store, ref, 1, policyApproval);
    remove('receipts');
    expect(await warnings()).toEqual(lacks(ref, '1-10'));
  });

  it('One that lost the first of two receipts, or got no answer, leaves a warning', async () => {
    const { ref, remove } = await held([
      [0, 5],
      [5, 10],
    ]);
    remove('receipts/0-5.json');
    remove('receipts/0-5.sent');
    expect(await warnings()).toEqual(lacks(ref, '1-5'));
    remove('receipts/5-10.json');
    expect(messages((await harness.plan(await harness.accept(crops(13)))).ref)).toEqual([
      ...lacks(ref, '1-10'),
      expect.stringMatching(/^5 labels of attempt 1 .* their outcome is unknown/),
    ]);
  });

  it.each([[[]], [[[0, 5]]]] as const)('One that sent %j and lost nothing leaves none', async (sent) => {
    await held(sent);
    expect(await warnings()).toBeUndefined();
  });

  it('One that was rejected before it was terminated leaves none', async () => {
    const { ref } = await held([]);
    await writeAppliedDecision(harness.store, ref, 1, { ...policyApproval, kind: 'reject' });
    expect(await warnings()).toBeUndefined();
  });
});

it('A damaged inbox entry stops no plan of a newer revision', async () => {
  const request = await harness.accept(crops(10));
  await harness.plan(request);
  writeFileSync(join(harness.folder, inboxKey(request.requestId)), 'torn');
  expect(await harness.prepare(await nextRevision())).toMatchObject({ kind: 'plan', labels: 12 });
});

describe('The report of an ended export', () => {
  it.each([
    ['json', 'report.json'],
    ['csv', 'report.csv'],
  ] as const)('A change anywhere in the %s report is found before it is handed out', async (form, name) => {
    const { ref } = await completed();
    expect(await isReportUnchanged(harness.store, ref, form)).toBe(true);
    const size = readFileSync(harness.path(ref, name)).length;
    const positions = Array.from({ length: 20 }, (_, at) => Math.floor(((size - 200) * at) / 20) + 200);
    for (const at of positions) {
      harness.flipByte(harness.path(ref, name), at);
      expect([at, await isReportUnchanged(harness.store, ref, form)]).toEqual([at, false]);
      harness.flipByte(harness.path(ref, name), at);
    }
    truncateSync(harness.path(ref, name), size - 50);
    expect(await isReportUnchanged(harness.store, ref, form)).toBe(false);
  });
});

describe('While an export is in progress', () => {
  const halfSent = async () => {
    const request = await harness.accept(crops(10));
    const { ref, digits } = await harness.plan(request);
    await harness.relabel(ref, 0, 5);
    const known = {
      digits,
      labels: 10,
      leftOut: {},
      destination: 'labelbox',
      answered: [{ from: 0, to: 5 }],
    };
    return { request, ref, known };
  };

  it('Receipts that are gone stop the next call, and the reason names them', async () => {
    const { ref, known } = await halfSent();
    rmSync(harness.path(ref, 'receipts'), { recursive: true });
    const next = harness.relabel(ref, 5, 10, { lookBack: true, answered: known.answered });
    expect(await next).toEqual({
      kind: 'needs-person',
      because: `receipts/ of attempt 1 at revision ${ref.revision} has no receipt of labels 1-5. Nothing of this chunk was sent.`,
    });
  });

  it('Receipts that are gone leave the labels unconfirmed in the report, not withheld', async () => {
    const { request, ref, known } = await halfSent();
    rmSync(harness.path(ref, 'receipts'), { recursive: true });
    const { labels } = await harness.end(request, ref, { outcome: 'cancelled', known, policyApproval });
    expect(labels).toMatchObject({ planned: 10, relabeled: 0, unconfirmed: 5, withheld: 5 });
    const report = harness.reportJson(ref);
    expect(report['reason']).toContain('has no receipt of labels 1-5.');
    expect(report.labels.slice(4, 6)).toMatchObject([
      {
        labelId: 'label-4',
        outcome: 'unconfirmed',
        reason: 'The label was sent, but its receipt is missing from the payload store.',
      },
      { labelId: 'label-5', outcome: 'withheld' },
    ]);
  });

  it.each([
    ['gone', (path: string) => rmSync(path)],
    ['changed', (path: string) => harness.flipByte(path, 30)],
  ])(
    'A receipt that is %s before the report is named by later plans until its labels are relabeled',
    async (_, damage) => {
      const { request, ref, known } = await halfSent();
      damage(harness.path(ref, 'receipts/0-5.json'));
      await harness.end(request, ref, { outcome: 'cancelled', known, policyApproval });
      const next = await harness.accept(crops(12));
      const plan = await harness.plan(next);
      expect(plan.labels).toBe(12);
      expect(messages(plan.ref)).toContain(
        `5 labels of attempt 1 at revision ${ref.revision} (request ${request.requestId}) lost their receipts before its report was written: they were sent, the report shows them as unconfirmed, and this plan may send them again.`,
      );
      await harness.relabel(plan.ref, 0, 12);
      await harness.end(next, plan.ref);
      const later = messages((await harness.plan(await harness.accept(crops(13)))).ref) ?? [];
      expect(later.filter((message) => message.includes('unconfirmed'))).toEqual([]);
    },
  );

  it('A decision that is gone is named in the report: labels were sent, and no approval covers them', async () => {
    const { request, ref, known } = await halfSent();
    await harness.end(request, ref, { outcome: 'cancelled', known });
    expect(harness.reportJson(ref)['reason']).toBe(
      `decisions/ of attempt 1 at revision ${ref.revision} lacks the record that approved 5 labels (1-5) that were sent.`,
    );
  });

  describe('Of three approvals', () => {
    const approvals = [
      { upTo: 3, who: '"ann" (claimed)', at: '2026-11-24T00:00:00.000Z' },
      { from: 3, upTo: 6, who: '"bob" (claimed)', at: '2026-11-24T00:00:01.000Z' },
      { from: 6, upTo: 10, who: '"cat" (claimed)', at: '2026-11-24T00:00:02.000Z' },
    ];
    const names = approvals.map(({ at }, index) => `decisions/${at.replace(/\D/g, '')}-${index + 1}.json`);

    const ways: readonly (readonly [string, (path: string) => void])[] = [
      ['removed', (path) => rmSync(path)],
      ['changed', (path) => harness.flipByte(path, 12)],
    ];
    const losses: readonly (readonly [readonly number[], string | undefined])[] = [
      [[], undefined],
      [[0], '3 labels (1-3)'],
      [[1], '3 labels (4-6)'],
      [[0, 2], '7 labels (1-3, 7-10)'],
    ];
    const cases = losses.flatMap(([lost, labels]) =>
      ways.map(([how, damage]) => ({ lost, labels, how, damage })),
    );

    it.each(cases)('Those at $lost are $how: the report names $labels', async ({ lost, labels, damage }) => {
      const request = await harness.accept(crops(10));
      const { ref, digits } = await harness.plan(request);
      await harness.relabel(ref, 0, 10);
      for (const [index, entry] of approvals.entries())
        await writeAppliedDecision(harness.store, ref, index + 1, entry);
      for (const index of lost) damage(harness.path(ref, names[index]!));
      const answered = [{ from: 0, to: 10 }];
      const known = { digits, labels: 10, leftOut: {}, destination: 'labelbox', answered };
      await harness.end(request, ref, { known });
      const report = harness.reportJson(ref);
      expect(report['reason']).toBe(
        labels &&
          `decisions/ of attempt 1 at revision ${ref.revision} lacks the record that approved ${labels} that were sent.`,
      );
      const owners = approvals.flatMap(({ from = 0, upTo, who }, index) =>
        Array.from({ length: upTo - from }, () => (lost.includes(index) ? undefined : who)),
      );
      expect(report.labels.map(({ decision }) => decision)).toEqual(owners);
    });
  });

  it('A rejection whose record is gone is named in the report', async () => {
    const request = await harness.accept(crops(3));
    const { ref, digits } = await harness.plan(request);
    const known = { digits, labels: 3, leftOut: {}, destination: 'labelbox', answered: [] };
    await harness.end(request, ref, { outcome: 'rejected', known });
    expect(harness.reportJson(ref)['reason']).toBe(
      `decisions/ of attempt 1 at revision ${ref.revision} has no record of the rejection.`,
    );
  });

  it('A plan that is gone leaves a report with every label, from the other files', async () => {
    const { request, ref, known } = await halfSent();
    rmSync(harness.path(ref, 'plan.json'));
    const { labels } = await harness.end(request, ref, { outcome: 'cancelled', known, policyApproval });
    expect(labels).toMatchObject({ planned: 10, relabeled: 5, withheld: 5 });
    const report = harness.reportJson(ref);
    expect(report['reason']).toMatch(
      /^plan\.json of attempt 1 at revision \w+ is missing from the payload store\./,
    );
    expect(report.labels.map(({ labelId }) => labelId)).toEqual(
      Array.from({ length: 10 }, (_, at) => `label-${at}`),
    );
    const next = await harness.plan(await nextRevision());
    expect(next.labels).toBe(7); // five are relabeled, as the report says
  });

  it('A plan that is gone before anything was sent leaves a report with every label', async () => {
    const request = await harness.accept(crops(3));
    const { ref, digits } = await harness.plan(request);
    rmSync(harness.path(ref, 'plan.json'));
    const known = { digits, labels: 3, leftOut: {}, destination: 'labelbox', answered: [] };
    const { labels } = await harness.end(request, ref, { outcome: 'cancelled', known, policyApproval });
    expect(labels).toMatchObject({ planned: 3, withheld: 3 });
  });
});
