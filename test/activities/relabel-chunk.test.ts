import type { AttemptRef } from '../../src/domain/attempt-ref';
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { LabelingError } from '../../src/labeling/labeling-error';
import { receiptKey } from '../../src/payloads/keys';
import type { PayloadStore } from '../../src/payloads/payload-store';
import { ActivityBench } from '../support/activity-harness';
import { aCrop, aDestination, crops } from '../support/builders';
import { answered, fails } from '../support/fake-labeling-service';
import { tempFolder } from '../payloads/temp-folder';

let bench: ActivityBench;
let ref: AttemptRef;
let folders = 0;
const root = tempFolder();
const none = { relabeled: 0, alreadyGone: 0, refused: 0, unconfirmed: 0 };

beforeEach(async () => {
  bench = new ActivityBench(join(root, String((folders += 1))));
  ref = (await bench.plan(await bench.accept(crops(30)))).ref;
});

const receipts = () => bench.files(ref, 'receipts');

test('makes one call for a range, with the mark on disk before and the receipt after', async () => {
  const onDisk: string[][] = [];
  bench.service.next(() => void onDisk.push(receipts()));
  const result = await bench.relabel(ref, 10, 13);
  expect(result).toEqual({ kind: 'done', upTo: 13, repeated: false, ...none, relabeled: 3 });
  expect(bench.service.calls).toEqual([
    {
      labelIds: ['label-10', 'label-11', 'label-12'],
      context: { project: 'street-scenes', key: `${bench.planFile(ref).requestId}/10-13` },
    },
  ]);
  expect(onDisk).toEqual([['10-13.sent']]);
  expect(receipts()).toEqual(['10-13.json', '10-13.sent']);
  expect(bench.receipt(ref, '10-13')).toMatchObject({
    version: 1,
    from: 10,
    to: 13,
    repeated: false,
    requested: 3,
    reported: 3,
  });
});

test('counts what the service says of each label', async () => {
  bench.service.next((items) => ({
    reported: 1,
    items: items.map(({ labelId }, at) => ({
      labelId,
      outcome: (['relabeled', 'already-gone', 'refused', 'unconfirmed'] as const)[at]!,
    })),
  }));
  expect(await bench.relabel(ref, 0, 4)).toEqual({
    kind: 'done',
    upTo: 4,
    repeated: false,
    relabeled: 1,
    alreadyGone: 1,
    refused: 1,
    unconfirmed: 1,
  });
});

test('says in its heartbeat which positions it sends, never which ids', async () => {
  await bench.relabel(ref, 0, 3);
  expect(bench.heartbeats.at(-1)).toEqual({ chunk: 'labels 1-3', labels: 3 });
});

describe('repeated', () => {
  test('answers from the receipt and calls nobody', async () => {
    const first = await bench.relabel(ref, 0, 3);
    expect(await bench.relabel(ref, 0, 3)).toEqual(first);
    expect(await bench.relabel(ref, 0, 3, { attempt: 2 })).toEqual(first);
    expect(bench.service.calls).toHaveLength(1);
  });

  test('answers with the part of a larger receipt that covers its beginning', async () => {
    await bench.relabel(ref, 0, 10);
    expect(await bench.relabel(ref, 5, 15, { mayOverlap: true })).toEqual({
      kind: 'done',
      upTo: 10,
      repeated: false,
      ...none,
      relabeled: 5,
    });
    expect(bench.service.calls).toHaveLength(1);
  });

  test('stops where a receipt begins', async () => {
    await bench.relabel(ref, 4, 6);
    expect(await bench.relabel(ref, 0, 10, { mayOverlap: true })).toMatchObject({
      kind: 'done',
      upTo: 4,
      relabeled: 4,
    });
    expect(bench.service.calls.at(-1)!.labelIds).toHaveLength(4);
  });

  test('stops at both borders of a mark, so that only what was sent counts as repeated', async () => {
    bench.service.next(fails('no-answer'));
    await bench.relabel(ref, 4, 6).catch(() => undefined);
    expect(await bench.relabel(ref, 0, 10, { mayOverlap: true })).toMatchObject({ upTo: 4, repeated: false });
    expect(await bench.relabel(ref, 4, 10, { mayOverlap: true })).toMatchObject({ upTo: 6, repeated: true });
    expect(await bench.relabel(ref, 6, 10, { mayOverlap: true })).toMatchObject({
      upTo: 10,
      repeated: false,
    });
  });

  test('covers every label exactly once whatever was cut before', async () => {
    for (const [from, to] of [
      [3, 9],
      [12, 13],
      [20, 30],
    ] as const)
      await bench.relabel(ref, from, to);
    let relabeled = 0;
    for (let from = 0; from < 30;) {
      const result = await bench.relabel(ref, from, Math.min(30, from + 7), { mayOverlap: true });
      if (result.kind !== 'done') throw new Error(result.kind);
      relabeled += result.relabeled;
      from = result.upTo;
    }
    expect(relabeled).toBe(30);
    expect(bench.service.calls.flatMap(({ labelIds }) => labelIds).sort()).toEqual(
      crops(30)
        .map((crop) => crop.element_id)
        .sort(),
    );
  });

  test('takes a receipt that was cut off for a lost answer', async () => {
    await bench.relabel(ref, 0, 3);
    writeFileSync(bench.path(ref, 'receipts/0-3.json'), '{"version":1,"from":0,');
    expect(await bench.relabel(ref, 0, 3, { attempt: 2 })).toMatchObject({
      kind: 'done',
      upTo: 3,
      repeated: true,
      relabeled: 3,
    });
    expect(bench.receipt(ref, '0-3').repeated).toBe(true);
  });
});

describe('a call whose answer is lost', () => {
  beforeEach(async () => {
    bench.service.next(fails('no-answer'));
    await expect(bench.relabel(ref, 0, 4)).rejects.toMatchObject({
      message: 'The service said no-answer.',
      type: 'LabelingNoAnswer',
      nonRetryable: false,
    });
    expect(receipts()).toEqual(['0-4.sent']);
  });

  test('is repeated where its effect is idempotent, and marked so', async () => {
    expect(await bench.relabel(ref, 0, 4, { attempt: 2 })).toEqual({
      kind: 'done',
      upTo: 4,
      repeated: true,
      ...none,
      relabeled: 4,
    });
    expect(bench.receipt(ref, '0-4').repeated).toBe(true);
    expect(new Set(bench.service.calls.map(({ context }) => context.key)).size).toBe(1);
  });

  test('is found again by a first attempt at the same range', async () => {
    expect(await bench.relabel(ref, 0, 4)).toMatchObject({ kind: 'done', repeated: true });
  });

  test('is cut in two after the second time in a row', async () => {
    bench.service.next(fails('no-answer'));
    expect(await bench.relabel(ref, 0, 4, { attempt: 2 })).toEqual({ kind: 'too-large' });
    expect(await bench.relabel(ref, 0, 2, { mayOverlap: true })).toMatchObject({
      kind: 'done',
      upTo: 2,
      repeated: true,
    });
    bench.service.next(fails('no-answer'));
    await expect(bench.relabel(ref, 2, 4, { mayOverlap: true })).rejects.toThrow(
      'The service said no-answer.',
    );
  });

  test('ends as unconfirmed where nobody can tell', async () => {
    bench.service.idempotent = false;
    expect(await bench.relabel(ref, 0, 4, { attempt: 2 })).toEqual({
      kind: 'done',
      upTo: 4,
      repeated: false,
      ...none,
      unconfirmed: 4,
    });
    expect(bench.service.calls).toHaveLength(1);
    expect(bench.receipt(ref, '0-4').items[0]).toEqual({
      labelId: 'label-0',
      outcome: 'unconfirmed',
      reason: 'It was sent, and the labeling service did not say what came of it.',
    });
  });

  test('is asked about under its own key where the service can tell', async () => {
    const asked: string[] = [];
    bench.service.verify = async (items, { key }) => {
      asked.push(`${key.split('/')[1]} ${items.length}`);
      return answered(items, 'already-gone').items;
    };
    expect(await bench.relabel(ref, 0, 2, { mayOverlap: true })).toEqual({
      kind: 'done',
      upTo: 2,
      repeated: false,
      ...none,
      alreadyGone: 2,
    });
    expect(asked).toEqual(['0-4 2']);
    expect(bench.service.calls).toHaveLength(1);
  });

  test('is sent again when the service cannot tell after all and its effect is idempotent', async () => {
    bench.service.verify = async (items) => answered(items, 'unconfirmed').items;
    expect(await bench.relabel(ref, 0, 4, { attempt: 2 })).toMatchObject({ repeated: true, relabeled: 4 });
  });

  test('keeps its mark when the question fails', async () => {
    bench.service.verify = () => Promise.reject(new LabelingError('key-refused', 'The key is refused.'));
    expect(await bench.relabel(ref, 0, 4, { attempt: 2 })).toMatchObject({ kind: 'needs-person' });
    expect(receipts()).toEqual(['0-4.refusal.json', '0-4.sent']);
  });

  test.each(['try-again', 'key-refused', 'bad-items', 'too-large'] as const)(
    'stays known when the next call ends as %s',
    async (kind) => {
      bench.service.next(fails(kind));
      await bench.relabel(ref, 0, 4, { attempt: 2 }).catch(() => undefined);
      expect(receipts()).toContain('0-4.sent');
      expect(await bench.relabel(ref, 0, 4, { attempt: 3 })).toMatchObject({ repeated: true });
    },
  );
});

describe('a call that surely had no effect', () => {
  test('is tried again after the delay the service named, as no alarm, and leaves no mark', async () => {
    bench.service.next(fails('try-again', { retryAfterMs: 7000 }));
    await expect(bench.relabel(ref, 0, 4)).rejects.toMatchObject({
      message: 'The service said try-again.',
      nonRetryable: false,
      nextRetryDelay: 7000,
      category: ApplicationFailureCategory.BENIGN,
    });
    expect(receipts()).toEqual([]);
  });

  test('keeps all other calls of this worker to the destination back until then', async () => {
    bench.service.next(fails('try-again', { retryAfterMs: 60_000 }));
    await bench.relabel(ref, 0, 4).catch(() => undefined);
    const failure = (await bench.relabel(ref, 4, 8).catch((error: unknown) => error)) as {
      message: string;
      nextRetryDelay: number;
    };
    expect(failure.message).toBe('The labeling service asked to wait (Retry-After).');
    expect(failure.nextRetryDelay).toBeGreaterThan(50_000);
    expect(bench.service.calls).toHaveLength(1);
    expect(receipts()).toEqual([]);
  });

  test.each(['key-refused', 'project-unknown', 'call-refused'] as const)(
    'waits for a person after %s, with the service’s words beside',
    async (kind) => {
      bench.service.next(fails(kind));
      expect(await bench.relabel(ref, 0, 4)).toEqual({
        kind: 'needs-person',
        because: `The service said ${kind}.`,
      });
      expect(receipts()).toEqual(['0-4.refusal.json']);
      expect(JSON.parse(bench.text(ref, 'receipts/0-4.refusal.json'))).toMatchObject({
        because: `The service said ${kind}.`,
        detail: 'about label-0',
      });
      expect(await bench.relabel(ref, 0, 4)).toMatchObject({ kind: 'done', repeated: false });
    },
  );

  test('is halved when the items or the size are refused', async () => {
    bench.service.next(fails('bad-items'), fails('too-large'));
    expect(await bench.relabel(ref, 0, 4)).toEqual({ kind: 'bad-items' });
    expect(await bench.relabel(ref, 0, 4)).toEqual({ kind: 'too-large' });
    expect(receipts()).toEqual([]);
  });

  test.each(['bad-items', 'too-large'] as const)(
    'is a refused label when it named one alone: %s',
    async (kind) => {
      bench.service.next(fails(kind, { detail: 'label-3 is poison' }));
      expect(await bench.relabel(ref, 3, 4)).toEqual({
        kind: 'done',
        upTo: 4,
        repeated: false,
        ...none,
        refused: 1,
      });
      expect(bench.receipt(ref, '3-4').items).toEqual([
        { labelId: 'label-3', outcome: 'refused', reason: 'label-3 is poison' },
      ]);
    },
  );
});

test('an error that no adapter should throw counts as a lost answer, and its words stay in the log', async () => {
  bench.service.next(() => {
    throw new TypeError('cannot read label-0');
  });
  const failure = (await bench.relabel(ref, 0, 4).catch((error: unknown) => error)) as Error;
  expect(failure.message).toBe(
    "Unexpected TypeError while calling the labeling service; the worker's log has it. It is tried again.",
  );
  expect(receipts()).toEqual(['0-4.sent']);
  expect(bench.errors).toEqual(['Unexpected failure while calling the labeling service']);
});

test('an answer about another number of labels confirms none', async () => {
  bench.service.next((items) => answered(items.slice(1)));
  expect(await bench.relabel(ref, 0, 4)).toMatchObject({ kind: 'done', unconfirmed: 4 });
});

describe('the byte bound', () => {
  test('answers how many labels fit and calls nobody', async () => {
    bench.service.maxCallBytes = 35; // "label-0", takes ten bytes
    expect(await bench.relabel(ref, 0, 10)).toEqual({ kind: 'too-many-bytes', fits: 3 });
    expect(bench.service.calls).toEqual([]);
    expect(await bench.relabel(ref, 0, 3)).toMatchObject({ kind: 'done' });
  });

  test('lets a single label pass, however long', async () => {
    bench.service.maxCallBytes = 5;
    expect(await bench.relabel(ref, 0, 2)).toEqual({ kind: 'too-many-bytes', fits: 1 });
    expect(await bench.relabel(ref, 0, 1)).toMatchObject({ kind: 'done', relabeled: 1 });
  });
});

test.each(['", { } \\ \u0000', '\u202Ertl', '__proto__', 'a\nb', '漢字', '\uD83D\uDE00', 'x'.repeat(10_000)])(
  'sends the id %p as it came',
  async (labelId) => {
    const plan = await bench.plan(
      await bench.accept([aCrop(labelId)], { issueId: 'poison' }, { issue: { id: 'poison' } }),
    );
    await bench.relabel(plan.ref, 0, 1);
    expect(bench.service.calls[0]!.labelIds).toEqual([labelId]);
  },
);

describe('a changed plan', () => {
  test.each(['plan.json', 'labels.ndjson', 'labels.index'])(
    'stops the export before anything is sent, and names %s',
    async (name) => {
      const before = readFileSync(bench.path(ref, name));
      bench.flipByte(bench.path(ref, name), 60);
      const result = await bench.relabel(ref, 0, 4);
      expect(result).toMatchObject({ kind: 'needs-person' });
      expect((result as { because: string }).because).toMatch(
        new RegExp(`^${name} of attempt 1 at revision ${ref.revision} .*Nothing of this chunk was sent\\.$`),
      );
      expect(bench.service.calls).toEqual([]);
      writeFileSync(bench.path(ref, name), before);
      expect(await bench.relabel(ref, 0, 4)).toMatchObject({ kind: 'done', relabeled: 4 });
    },
  );

  test.each(['plan.json', 'labels.ndjson', 'labels.index'])('says that %s is missing', async (name) => {
    unlinkSync(bench.path(ref, name));
    expect(await bench.relabel(ref, 0, 4)).toEqual({
      kind: 'needs-person',
      because: `${name} of attempt 1 at revision ${ref.revision} is missing from the payload store. Nothing of this chunk was sent.`,
    });
  });

  test('is found in every byte of plan.json', async () => {
    const path = bench.path(ref, 'plan.json');
    const before = readFileSync(path);
    for (let at = 0; at < before.length - 1; at += 7) {
      bench.flipByte(path, at);
      expect([at, (await bench.relabel(ref, 0, 1)).kind]).toEqual([at, 'needs-person']);
      writeFileSync(path, before);
    }
    expect(bench.service.calls).toEqual([]);
  });
});

describe('cancelled', () => {
  test('before the call: it stops, and nothing is sent', async () => {
    const env = bench.env();
    env.cancel();
    await expect(bench.relabel(ref, 0, 4, { env })).rejects.toThrow(CancelledFailure);
    expect(bench.service.calls).toEqual([]);
    expect(receipts()).toEqual([]);
  });

  test('during the call: the answer is awaited and kept', async () => {
    const env = bench.env();
    bench.service.next((items, _, signal) => {
      env.cancel();
      expect(signal.aborted).toBe(false);
      return answered(items);
    });
    expect(await bench.relabel(ref, 0, 4, { env })).toMatchObject({ kind: 'done', relabeled: 4 });
    expect(receipts()).toEqual(['0-4.json', '0-4.sent']);
  });

  test('during a call that fails: it stops instead of being tried again', async () => {
    const env = bench.env();
    bench.service.next((...call) => {
      env.cancel();
      return fails('try-again')(...call);
    });
    await expect(bench.relabel(ref, 0, 4, { env })).rejects.toThrow(CancelledFailure);
    expect(receipts()).toEqual([]);
  });
});

test('ends a call itself when the service forgets its time-out', async () => {
  bench.restart({ destinations: [aDestination({ timeoutMs: -4990 })] });
  bench.service.next(async (items, _, signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return fails('no-answer')(items, { project: '', key: '' }, signal);
  });
  await expect(bench.relabel(ref, 0, 4)).rejects.toThrow('The service said no-answer.');
});

test('a store that cannot take the receipt leaves the mark: the next attempt repeats the call', async () => {
  bench.restart({}, storeThatFailsAt(bench.store, 'receipts/0-4.json'));
  await expect(bench.relabel(ref, 0, 4)).rejects.toThrow(
    'The payload store failed while relabeling a chunk: it is full (ENOSPC). It is tried again.',
  );
  bench.restart();
  expect(await bench.relabel(ref, 0, 4, { attempt: 2 })).toMatchObject({
    kind: 'done',
    repeated: true,
    relabeled: 4,
  });
});

test('a receipt that was changed is found before the first call after a question or a pause, and named', async () => {
  await bench.relabel(ref, 0, 2);
  await bench.relabel(ref, 2, 4);
  const calls = bench.service.calls.length;
  const path = join(bench.folder, receiptKey(ref, { from: 0, to: 2 }));
  const written = readFileSync(path, 'utf8');
  writeFileSync(path, written.replace('"relabeled"', '"already-gone"'));
  expect(await bench.relabel(ref, 4, 6, { lookBack: true })).toEqual({
    kind: 'needs-person',
    because: expect.stringMatching(
      /^receipts\/0-2\.json of attempt 1 at revision \w{12} .* Nothing of this chunk was sent\.$/,
    ) as string,
  });
  expect(bench.service.calls).toHaveLength(calls);
  writeFileSync(path, written);
  expect(await bench.relabel(ref, 4, 6, { lookBack: true })).toMatchObject({ kind: 'done' });
});

test('a store that cannot take the mark keeps the call from being made', async () => {
  bench.restart({}, storeThatFailsAt(bench.store, 'receipts/0-4.sent'));
  await expect(bench.relabel(ref, 0, 4)).rejects.toThrow('it is full (ENOSPC)');
  expect(bench.service.calls).toEqual([]);
});

function storeThatFailsAt(store: PayloadStore, end: string): PayloadStore {
  return {
    ...store,
    stage: async () => {
      const staged = await store.stage();
      return {
        ...staged,
        commit: async (key) => {
          if (key.endsWith(end)) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
          await staged.commit(key);
        },
      };
    },
  };
}
