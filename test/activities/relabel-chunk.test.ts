import type { AttemptRef } from '../../src/domain/attempt-ref';
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { LabelingError } from '../../src/labeling/labeling-error';
import { receiptKey } from '../../src/payloads/keys';
import type { PayloadStore } from '../../src/payloads/payload-store';
import { activityHarnesses, type ActivityHarness } from '../support/harness/activity-harness';
import { aCrop, aDestination, crops } from '../support/builders';
import { answered, fails } from '../support/harness/fake-labeling-service';

let harness: ActivityHarness;
let ref: AttemptRef;
const newHarness = activityHarnesses();
const none = { relabeled: 0, alreadyGone: 0, refused: 0, unconfirmed: 0 };

beforeEach(async () => {
  harness = newHarness();
  ref = (await harness.plan(await harness.accept(crops(30)))).ref;
});

const receipts = () => harness.files(ref, 'receipts');

it('relabelChunk makes one call for a range, with the sent-mark on disk before it and the receipt after it', async () => {
  const onDisk: string[][] = [];
  harness.service.next(() => void onDisk.push(receipts()));
  const result = await harness.relabel(ref, 10, 13);
  expect(result).toEqual({ kind: 'done', upTo: 13, repeated: false, ...none, relabeled: 3 });
  expect(harness.service.calls).toEqual([
    {
      labelIds: ['label-10', 'label-11', 'label-12'],
      context: { project: 'street-scenes', key: `${harness.planFile(ref).requestId}/10-13` },
    },
  ]);
  expect(onDisk).toEqual([['10-13.sent']]);
  expect(receipts()).toEqual(['10-13.json', '10-13.sent']);
  expect(harness.receipt(ref, '10-13')).toMatchObject({
    version: 1,
    from: 10,
    to: 13,
    repeated: false,
    requested: 3,
    reported: 3,
  });
});

it('relabelChunk counts the outcome of each label', async () => {
  harness.service.next((items) => ({
    reported: 1,
    items: items.map(({ labelId }, at) => ({
      labelId,
      outcome: (['relabeled', 'already-gone', 'refused', 'unconfirmed'] as const)[at]!,
    })),
  }));
  expect(await harness.relabel(ref, 0, 4)).toEqual({
    kind: 'done',
    upTo: 4,
    repeated: false,
    relabeled: 1,
    alreadyGone: 1,
    refused: 1,
    unconfirmed: 1,
  });
});

it('The heartbeat of relabelChunk shows positions, never ids', async () => {
  await harness.relabel(ref, 0, 3);
  expect(harness.heartbeats.at(-1)).toEqual({ chunk: 'labels 1-3', labels: 3 });
});

describe('A range with receipts or sent-marks', () => {
  it('A repeated chunk is answered from its receipt, without a call', async () => {
    const first = await harness.relabel(ref, 0, 3);
    expect(await harness.relabel(ref, 0, 3)).toEqual(first);
    expect(await harness.relabel(ref, 0, 3, { attempt: 2 })).toEqual(first);
    expect(harness.service.calls).toHaveLength(1);
  });

  it('A chunk is answered with the part of a larger receipt that covers its beginning', async () => {
    await harness.relabel(ref, 0, 10);
    expect(await harness.relabel(ref, 5, 15, { mayOverlap: true })).toEqual({
      kind: 'done',
      upTo: 10,
      repeated: false,
      ...none,
      relabeled: 5,
    });
    expect(harness.service.calls).toHaveLength(1);
  });

  it('A chunk stops where a receipt begins', async () => {
    await harness.relabel(ref, 4, 6);
    expect(await harness.relabel(ref, 0, 10, { mayOverlap: true })).toMatchObject({
      kind: 'done',
      upTo: 4,
      relabeled: 4,
    });
    expect(harness.service.calls.at(-1)!.labelIds).toHaveLength(4);
  });

  it('A chunk stops at both boundaries of a sent-mark, so that only labels that were sent count as repeated', async () => {
    harness.service.next(fails('no-answer'));
    await harness.relabel(ref, 4, 6).catch(() => undefined);
    expect(await harness.relabel(ref, 0, 10, { mayOverlap: true })).toMatchObject({
      upTo: 4,
      repeated: false,
    });
    expect(await harness.relabel(ref, 4, 10, { mayOverlap: true })).toMatchObject({
      upTo: 6,
      repeated: true,
    });
    expect(await harness.relabel(ref, 6, 10, { mayOverlap: true })).toMatchObject({
      upTo: 10,
      repeated: false,
    });
  });

  it('A run that was reset sees the calls of the run before it, although it sends other ranges', async () => {
    harness.service.next(fails('no-answer'));
    await harness.relabel(ref, 2, 6).catch(() => undefined);
    const afterReset = () => ({ env: harness.env({ runId: 'run-2', scheduledAt: 1000 }) });
    expect(await harness.relabel(ref, 0, 4, afterReset())).toMatchObject({ upTo: 2, repeated: false });
    expect(await harness.relabel(ref, 2, 8, afterReset())).toMatchObject({ upTo: 6, repeated: true });
    expect(await harness.relabel(ref, 6, 8, afterReset())).toMatchObject({ upTo: 8, repeated: false });
  });

  it('Chunks cover every label exactly once, whatever ranges were sent before', async () => {
    for (const [from, to] of [
      [3, 9],
      [12, 13],
      [20, 30],
    ] as const)
      await harness.relabel(ref, from, to);
    let relabeled = 0;
    for (let from = 0; from < 30;) {
      const result = await harness.relabel(ref, from, Math.min(30, from + 7), { mayOverlap: true });
      if (result.kind !== 'done') throw new Error(result.kind);
      relabeled += result.relabeled;
      from = result.upTo;
    }
    expect(relabeled).toBe(30);
    expect(harness.service.calls.flatMap(({ labelIds }) => labelIds).sort()).toEqual(
      crops(30)
        .map((crop) => crop.element_id)
        .sort(),
    );
  });

  it('A receipt that was cut off counts as a lost answer', async () => {
    await harness.relabel(ref, 0, 3);
    writeFileSync(harness.path(ref, 'receipts/0-3.json'), '{"version":1,"from":0,');
    expect(await harness.relabel(ref, 0, 3, { attempt: 2 })).toMatchObject({
      kind: 'done',
      upTo: 3,
      repeated: true,
      relabeled: 3,
    });
    expect(harness.receipt(ref, '0-3').repeated).toBe(true);
  });
});

describe('A call whose answer is lost', () => {
  beforeEach(async () => {
    harness.service.next(fails('no-answer'));
    await expect(harness.relabel(ref, 0, 4)).rejects.toMatchObject({
      message: 'The service said no-answer.',
      type: 'LabelingNoAnswer',
      nonRetryable: false,
    });
    expect(receipts()).toEqual(['0-4.sent']);
  });

  it('A lost call is repeated where the service is idempotent, and marked as repeated', async () => {
    expect(await harness.relabel(ref, 0, 4, { attempt: 2 })).toEqual({
      kind: 'done',
      upTo: 4,
      repeated: true,
      ...none,
      relabeled: 4,
    });
    expect(harness.receipt(ref, '0-4').repeated).toBe(true);
    expect(new Set(harness.service.calls.map(({ context }) => context.key)).size).toBe(1);
  });

  it('A lost call is found by the first attempt of another activity for the same range', async () => {
    expect(await harness.relabel(ref, 0, 4)).toMatchObject({ kind: 'done', repeated: true });
  });

  it('A lost call is split after the second time in a row', async () => {
    harness.service.next(fails('no-answer'));
    expect(await harness.relabel(ref, 0, 4, { attempt: 2 })).toMatchObject({ kind: 'too-large' });
    expect(await harness.relabel(ref, 0, 2, { mayOverlap: true })).toMatchObject({
      kind: 'done',
      upTo: 2,
      repeated: true,
    });
    harness.service.next(fails('no-answer'));
    await expect(harness.relabel(ref, 2, 4, { mayOverlap: true })).rejects.toThrow(
      'The service said no-answer.',
    );
  });

  it('A lost call ends as unconfirmed where the service is not idempotent and cannot verify', async () => {
    harness.service.idempotent = false;
    expect(await harness.relabel(ref, 0, 4, { attempt: 2 })).toEqual({
      kind: 'done',
      upTo: 4,
      repeated: false,
      ...none,
      unconfirmed: 4,
    });
    expect(harness.service.calls).toHaveLength(1);
    expect(harness.receipt(ref, '0-4').items[0]).toEqual({
      labelId: 'label-0',
      outcome: 'unconfirmed',
      reason: 'The label may have been sent, but the labeling service did not report its outcome.',
    });
  });

  it('A lost call is verified under its own key where the service can verify', async () => {
    const asked: string[] = [];
    harness.service.verify = async (items, { key }) => {
      asked.push(`${key.split('/')[1]} ${items.length}`);
      return answered(items, 'already-gone').items;
    };
    expect(await harness.relabel(ref, 0, 2, { mayOverlap: true })).toEqual({
      kind: 'done',
      upTo: 2,
      repeated: false,
      ...none,
      alreadyGone: 2,
    });
    expect(asked).toEqual(['0-4 2']);
    expect(harness.service.calls).toHaveLength(1);
  });

  it('A lost call is sent again when verify confirms nothing and the service is idempotent', async () => {
    harness.service.verify = async (items) => answered(items, 'unconfirmed').items;
    expect(await harness.relabel(ref, 0, 4, { attempt: 2 })).toMatchObject({ repeated: true, relabeled: 4 });
  });

  it('Two lost calls count as repeated, although verify finds the outcome of one of them', async () => {
    harness.service.next(fails('no-answer'));
    harness.service.verify = async (items) => answered(items, 'unconfirmed').items;
    await harness.relabel(ref, 0, 4, { attempt: 2 }).catch(() => undefined);
    harness.service.verify = async (items) => answered(items).items;
    expect(await harness.relabel(ref, 0, 4, { attempt: 3 })).toMatchObject({ repeated: true, relabeled: 4 });
  });

  it.each(['bad-items', 'too-large'] as const)(
    'A label that the next call refuses (%s) is unconfirmed: the lost call may have relabeled it',
    async (kind) => {
      harness.service.next(fails(kind));
      expect(await harness.relabel(ref, 0, 1, { mayOverlap: true })).toMatchObject({
        repeated: true,
        unconfirmed: 1,
      });
      expect(harness.receipt(ref, '0-1').items[0]?.reason).toMatch(
        /^An earlier call with the label got no answer and may have relabeled it; the next one was refused: /,
      );
    },
  );

  it('A lost call keeps its sent-mark when verify fails', async () => {
    harness.service.verify = () => Promise.reject(new LabelingError('key-refused', 'The key is refused.'));
    expect(await harness.relabel(ref, 0, 4, { attempt: 2 })).toMatchObject({ kind: 'needs-person' });
    expect(receipts()).toEqual(['0-4.refusal.json', '0-4.sent']);
  });

  it.each(['retryable', 'key-refused', 'bad-items', 'too-large'] as const)(
    'A lost call keeps its sent-mark when the next call ends as %s',
    async (kind) => {
      harness.service.next(fails(kind));
      await harness.relabel(ref, 0, 4, { attempt: 2 }).catch(() => undefined);
      expect(receipts()).toContain('0-4.sent');
      expect(await harness.relabel(ref, 0, 4, { attempt: 3 })).toMatchObject({ repeated: true });
    },
  );
});

describe('A call that the service answers with a failure of its own', () => {
  const failing = () => fails('no-answer', { isServerError: true });
  const repeatedRelabeled = { kind: 'done', repeated: true, ...none };
  const foundGone = 'The label was found gone after a call whose answer was lost.';

  it('The sent-mark stays, and labels that the next call finds gone count as relabeled and repeated', async () => {
    harness.service.next(failing(), (items) => answered(items, 'already-gone'));
    await expect(harness.relabel(ref, 0, 4)).rejects.toMatchObject({ type: 'LabelingNoAnswer' });
    expect(receipts()).toEqual(['0-4.sent']);
    expect(await harness.relabel(ref, 0, 4, { attempt: 2 })).toEqual({
      ...repeatedRelabeled,
      upTo: 4,
      relabeled: 4,
    });
    expect(harness.receipt(ref, '0-4').items[0]).toEqual({
      labelId: 'label-0',
      outcome: 'relabeled',
      reason: foundGone,
    });
  });

  it('A smaller part of the lost call that is found gone counts as relabeled and repeated', async () => {
    harness.service.next(failing(), (items) => answered(items, 'already-gone'));
    await harness.relabel(ref, 0, 4).catch(() => undefined);
    expect(await harness.relabel(ref, 1, 3, { mayOverlap: true })).toEqual({
      ...repeatedRelabeled,
      upTo: 3,
      relabeled: 2,
    });
  });

  it.each([1, 3])(
    'A count of %d of 4 labels after a lost call means that every label of the call is relabeled and repeated',
    async (reported) => {
      harness.service.next(failing(), (items) => ({ ...answered(items, 'unconfirmed'), reported }));
      await harness.relabel(ref, 0, 4).catch(() => undefined);
      expect(await harness.relabel(ref, 0, 4, { attempt: 2 })).toEqual({
        ...repeatedRelabeled,
        upTo: 4,
        relabeled: 4,
      });
    },
  );

  it.each([null, 0, 4, 9])(
    'An answer with the count %p that confirms no label confirms none after a lost call either',
    async (reported) => {
      harness.service.next(failing(), (items) => ({ ...answered(items, 'unconfirmed'), reported }));
      await harness.relabel(ref, 0, 4).catch(() => undefined);
      expect(await harness.relabel(ref, 0, 4, { attempt: 2 })).toEqual({
        ...repeatedRelabeled,
        upTo: 4,
        unconfirmed: 4,
      });
    },
  );

  it('Without a lost call, a count of some labels leaves all of them unconfirmed, and gone means already gone', async () => {
    harness.service.next((items) => ({ ...answered(items, 'unconfirmed'), reported: 1 }));
    harness.service.next((items) => answered(items, 'already-gone'));
    expect(await harness.relabel(ref, 0, 4)).toMatchObject({ repeated: false, unconfirmed: 4 });
    expect(await harness.relabel(ref, 4, 8)).toMatchObject({ repeated: false, alreadyGone: 4 });
  });

  it('Failures of the service never split a chunk, and never count as calls without an answer', async () => {
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      harness.service.next(failing());
      await expect(harness.relabel(ref, 0, 4, { attempt })).rejects.toThrow('The service said no-answer.');
    }
    expect(JSON.parse(harness.text(ref, 'receipts/0-4.sent'))).toMatchObject({ noAnswers: 0 });
    harness.service.next(fails('no-answer'));
    await expect(harness.relabel(ref, 0, 4, { attempt: 3 })).rejects.toThrow('The service said no-answer.');
    harness.service.next(failing());
    await expect(harness.relabel(ref, 0, 4, { attempt: 4 })).rejects.toThrow('The service said no-answer.');
    harness.service.next(fails('no-answer'));
    expect(await harness.relabel(ref, 0, 4, { attempt: 5 })).toMatchObject({ kind: 'too-large' });
  });

  it('A failure that pauses the export keeps the sent-mark', async () => {
    harness.service.next(fails('call-refused', { isServerError: true }), (items) =>
      answered(items, 'already-gone'),
    );
    expect(await harness.relabel(ref, 0, 4)).toMatchObject({ kind: 'needs-person' });
    expect(receipts()).toEqual(['0-4.refusal.json', '0-4.sent']);
    expect(await harness.relabel(ref, 0, 4)).toMatchObject({ repeated: true, relabeled: 4 });
  });
});

describe('A label that the service does not have', () => {
  it('A call with several labels is split like one with refused labels, and leaves no sent-mark', async () => {
    harness.service.next(fails('items-unknown'));
    expect(await harness.relabel(ref, 0, 4)).toEqual({ kind: 'bad-items' });
    expect(receipts()).toEqual([]);
  });

  it('A call with this label alone makes it already gone', async () => {
    harness.service.next(fails('items-unknown'));
    expect(await harness.relabel(ref, 3, 4)).toEqual({
      kind: 'done',
      upTo: 4,
      repeated: false,
      ...none,
      alreadyGone: 1,
    });
    expect(harness.receipt(ref, '3-4').items).toEqual([
      {
        labelId: 'label-3',
        outcome: 'already-gone',
        reason: 'The labeling service does not know the label.',
      },
    ]);
  });

  it('After a call whose answer was lost it counts as relabeled and repeated', async () => {
    harness.service.next(fails('no-answer', { isServerError: true }), fails('items-unknown'));
    await harness.relabel(ref, 3, 4).catch(() => undefined);
    expect(await harness.relabel(ref, 3, 4, { attempt: 2 })).toMatchObject({ repeated: true, relabeled: 1 });
  });
});

describe('A call without effect', () => {
  it('A call without effect is retried after the delay that the service named, BENIGN, and leaves no sent-mark', async () => {
    harness.service.next(fails('retryable', { retryAfterMs: 7000 }));
    const failure = (await harness.relabel(ref, 0, 4).catch((error: unknown) => error)) as ApplicationFailure;
    expect(failure).toMatchObject({
      message: 'The service said retryable.',
      nonRetryable: false,
      category: ApplicationFailureCategory.BENIGN,
    });
    expect(failure.nextRetryDelay).toBeGreaterThanOrEqual(7000);
    expect(failure.nextRetryDelay).toBeLessThanOrEqual(8000);
    expect(receipts()).toEqual([]);
  });

  it('A Retry-After holds back all calls of this worker to the destination', async () => {
    harness.service.next(fails('retryable', { retryAfterMs: 60_000 }));
    await harness.relabel(ref, 0, 4).catch(() => undefined);
    const failure = (await harness.relabel(ref, 4, 8).catch((error: unknown) => error)) as {
      message: string;
      nextRetryDelay: number;
    };
    expect(failure.message).toMatch(/^The labeling service asked to wait until .+Z \(Retry-After\)\.$/);
    expect(failure.nextRetryDelay).toBeGreaterThan(50_000);
    expect(harness.service.calls).toHaveLength(1);
    expect(receipts()).toEqual([]);
  });

  it.each(['key-refused', 'project-unknown', 'call-refused'] as const)(
    'A call that ends with %s needs a person, and the store keeps the service’s words',
    async (kind) => {
      harness.service.next(fails(kind));
      expect(await harness.relabel(ref, 0, 4)).toEqual({
        kind: 'needs-person',
        because: `The service said ${kind}.`,
      });
      expect(receipts()).toEqual(['0-4.refusal.json']);
      expect(JSON.parse(harness.text(ref, 'receipts/0-4.refusal.json'))).toMatchObject({
        because: `The service said ${kind}.`,
        detail: 'about label-0',
      });
      expect(await harness.relabel(ref, 0, 4)).toMatchObject({ kind: 'done', repeated: false });
    },
  );

  it('A call is split when the service refuses its items or its size', async () => {
    harness.service.next(fails('bad-items'), fails('too-large'));
    expect(await harness.relabel(ref, 0, 4)).toEqual({ kind: 'bad-items' });
    expect(await harness.relabel(ref, 0, 4)).toMatchObject({ kind: 'too-large' });
    expect(receipts()).toEqual([]);
  });

  it.each(['bad-items', 'too-large'] as const)(
    'A call with one label that ends with %s makes the label refused',
    async (kind) => {
      harness.service.next(fails(kind, { detail: 'label-3 is poison' }));
      expect(await harness.relabel(ref, 3, 4)).toEqual({
        kind: 'done',
        upTo: 4,
        repeated: false,
        ...none,
        refused: 1,
      });
      expect(harness.receipt(ref, '3-4').items).toEqual([
        { labelId: 'label-3', outcome: 'refused', reason: 'label-3 is poison' },
      ]);
    },
  );
});

it('An error that no adapter should throw counts as a lost answer, and its words stay in the log', async () => {
  harness.service.next(() => {
    throw new TypeError('cannot read label-0');
  });
  const failure = (await harness.relabel(ref, 0, 4).catch((error: unknown) => error)) as Error;
  expect(failure.message).toBe(
    "Unexpected TypeError while calling the labeling service; see the worker's log. Temporal retries.",
  );
  expect(receipts()).toEqual(['0-4.sent']);
  expect(harness.errors).toEqual(['Unexpected failure while calling the labeling service']);
});

it('An answer about another number of labels confirms none', async () => {
  harness.service.next((items) => answered(items.slice(1)));
  expect(await harness.relabel(ref, 0, 4)).toMatchObject({ kind: 'done', unconfirmed: 4 });
});

describe('The byte bound', () => {
  it('A chunk over the byte bound returns how many labels fit, without a call', async () => {
    harness.service.maxCallBytes = 35; // "label-0", takes ten bytes
    expect(await harness.relabel(ref, 0, 10)).toEqual({ kind: 'too-many-bytes', fits: 3 });
    expect(harness.service.calls).toEqual([]);
    expect(await harness.relabel(ref, 0, 3)).toMatchObject({ kind: 'done' });
  });

  it('A single label passes the byte bound, however long it is', async () => {
    harness.service.maxCallBytes = 5;
    expect(await harness.relabel(ref, 0, 2)).toEqual({ kind: 'too-many-bytes', fits: 1 });
    expect(await harness.relabel(ref, 0, 1)).toMatchObject({ kind: 'done', relabeled: 1 });
  });
});

it.each(['", { } \\ \u0000', '\u202Ertl', '__proto__', 'a\nb', '漢字', '\uD83D\uDE00', 'x'.repeat(10_000)])(
  'relabelChunk sends the id %p verbatim',
  async (labelId) => {
    const plan = await harness.plan(
      await harness.accept([aCrop(labelId)], { issueId: 'poison' }, { issue: { id: 'poison' } }),
    );
    await harness.relabel(plan.ref, 0, 1);
    expect(harness.service.calls[0]!.labelIds).toEqual([labelId]);
  },
);

describe('A changed plan', () => {
  it.each(['plan.json', 'labels.ndjson', 'labels.index'])(
    'A changed plan pauses the export before anything is sent, and the reason names %s',
    async (name) => {
      const before = readFileSync(harness.path(ref, name));
      harness.flipByte(harness.path(ref, name), 60);
      const result = await harness.relabel(ref, 0, 4);
      expect(result).toMatchObject({ kind: 'needs-person' });
      expect((result as { because: string }).because).toMatch(
        new RegExp(`^${name} of attempt 1 at revision ${ref.revision} .*Nothing of this chunk was sent\\.$`),
      );
      expect(harness.service.calls).toEqual([]);
      writeFileSync(harness.path(ref, name), before);
      expect(await harness.relabel(ref, 0, 4)).toMatchObject({ kind: 'done', relabeled: 4 });
    },
  );

  it.each(['plan.json', 'labels.ndjson', 'labels.index'])(
    'The reason names the missing file %s',
    async (name) => {
      unlinkSync(harness.path(ref, name));
      expect(await harness.relabel(ref, 0, 4)).toEqual({
        kind: 'needs-person',
        because: `${name} of attempt 1 at revision ${ref.revision} is missing from the payload store. Nothing of this chunk was sent.`,
      });
    },
  );

  it('A change of any byte of plan.json is found', async () => {
    const path = harness.path(ref, 'plan.json');
    const before = readFileSync(path);
    for (let at = 0; at < before.length - 1; at += 7) {
      harness.flipByte(path, at);
      expect([at, (await harness.relabel(ref, 0, 1)).kind]).toEqual([at, 'needs-person']);
      writeFileSync(path, before);
    }
    expect(harness.service.calls).toEqual([]);
  });
});

describe('A cancellation', () => {
  it('A cancellation before the call stops it, and nothing is sent', async () => {
    const env = harness.env();
    env.cancel();
    await expect(harness.relabel(ref, 0, 4, { env })).rejects.toThrow(CancelledFailure);
    expect(harness.service.calls).toEqual([]);
    expect(receipts()).toEqual([]);
  });

  it('A cancellation during the call lets it finish, and its answer is kept', async () => {
    const env = harness.env();
    harness.service.next((items, _, signal) => {
      env.cancel();
      expect(signal.aborted).toBe(false);
      return answered(items);
    });
    expect(await harness.relabel(ref, 0, 4, { env })).toMatchObject({ kind: 'done', relabeled: 4 });
    expect(receipts()).toEqual(['0-4.json', '0-4.sent']);
  });

  it('A cancellation during a call that fails stops the activity instead of a retry', async () => {
    const env = harness.env();
    harness.service.next((...call) => {
      env.cancel();
      return fails('retryable')(...call);
    });
    await expect(harness.relabel(ref, 0, 4, { env })).rejects.toThrow(CancelledFailure);
    expect(receipts()).toEqual([]);
  });
});

it('relabelChunk aborts a call when the adapter does not enforce its time-out', async () => {
  harness.restart({ destinations: [aDestination({ timeoutMs: -4990 })] });
  harness.service.next(async (items, _, signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return fails('no-answer')(items, { project: '', key: '' }, signal);
  });
  await expect(harness.relabel(ref, 0, 4)).rejects.toThrow('The service said no-answer.');
});

it('A store that cannot take the receipt keeps the sent-mark, and the retry repeats the call', async () => {
  harness.restart({}, storeThatFailsAt(harness.store, 'receipts/0-4.json'));
  await expect(harness.relabel(ref, 0, 4)).rejects.toThrow(
    'The payload store failed while relabeling a chunk: it is full (ENOSPC). Temporal retries.',
  );
  harness.restart();
  expect(await harness.relabel(ref, 0, 4, { attempt: 2 })).toMatchObject({
    kind: 'done',
    repeated: true,
    relabeled: 4,
  });
});

it('A changed receipt is found before the first call after a question or a pause, and the reason names it', async () => {
  await harness.relabel(ref, 0, 2);
  await harness.relabel(ref, 2, 4);
  const calls = harness.service.calls.length;
  const path = join(harness.folder, receiptKey(ref, { from: 0, to: 2 }));
  const written = readFileSync(path, 'utf8');
  writeFileSync(path, written.replace('"relabeled"', '"already-gone"'));
  expect(await harness.relabel(ref, 4, 6, { lookBack: true })).toEqual({
    kind: 'needs-person',
    because: expect.stringMatching(
      /^receipts\/0-2\.json of attempt 1 at revision \w{12} .* Nothing of this chunk was sent\.$/,
    ) as string,
  });
  expect(harness.service.calls).toHaveLength(calls);
  writeFileSync(path, written);
  expect(await harness.relabel(ref, 4, 6, { lookBack: true })).toMatchObject({ kind: 'done' });
});

it('A store that cannot take the sent-mark prevents the call', async () => {
  harness.restart({}, storeThatFailsAt(harness.store, 'receipts/0-4.sent'));
  await expect(harness.relabel(ref, 0, 4)).rejects.toThrow('it is full (ENOSPC)');
  expect(harness.service.calls).toEqual([]);
});

function storeThatFailsAt(store: PayloadStore, end: string): PayloadStore {
  return {
    ...store,
    stage: async () => {
      const staged = await store.stage();
      const failAt = (key: string): void => {
        if (key.endsWith(end)) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      };
      return {
        ...staged,
        commit: async (key) => (failAt(key), staged.commit(key)),
        commitIfAbsent: async (key) => (failAt(key), staged.commitIfAbsent(key)),
      };
    },
  };
}
