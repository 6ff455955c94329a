import { beforeEachCommit } from '../support/before-each-commit';
import { join } from 'node:path';
import type { AttemptRef } from '../../src/domain/attempt-ref';
import type { ChunkResult } from '../../src/activities/contracts';
import { readBytes } from '../../src/payloads/small-objects';
import { readReceipt } from '../../src/payloads/receipts';
import type { Range } from '../../src/domain/receipt';
import type { ExportRequest } from '../../src/domain/request';
import type { Outcome } from '../../src/domain/stage';
import type { Item, RelabelAnswer } from '../../src/labeling/labeling-service';
import type { PayloadStore } from '../../src/payloads/payload-store';
import { tempFolder } from '../payloads/temp-folder';
import { ActivityHarness } from '../support/harness/activity-harness';
import { crops } from '../support/builders';
import { fails } from '../support/harness/fake-labeling-service';
import { type Gate, aGate } from '../support/gate';

/*
 * Two attempts at one call: Temporal starts the second one when the worker of the first one is frozen. Both use
 * the same store and the same labeling service. Each stops at every access to a receipt, a sent-mark or the
 * report, and before and after the effect of its call.
 */

/** Lets an attempt run up to a number of steps. */
class Steps {
  private passed = 0;
  private limit = 0;
  private stopped: Gate = aGate();
  private resumed: Gate = aGate();

  async step(): Promise<void> {
    while (this.passed >= this.limit) {
      this.stopped.open();
      await this.resumed.opened;
    }
    this.passed += 1;
  }

  /** @returns true when the attempt stopped at the limit; false when it ended before. */
  async runTo(limit: number, end: Promise<unknown>): Promise<boolean> {
    this.limit = limit;
    this.stopped = aGate();
    this.resumed.open();
    this.resumed = aGate();
    return Promise.race([this.stopped.opened.then(() => true), end.then(() => false)]);
  }
}

/** Reads each file of the plan once: it does not change here, and reading it was most of an attempt's work. */
function withPlanInMemory(store: PayloadStore): PayloadStore {
  const files = new Map<string, Promise<Buffer>>();
  return {
    ...store,
    async *read(key, range) {
      if (!/\/(plan\.json|labels\.\w+|left-out\.ndjson)$/.test(key)) return yield* store.read(key, range);
      if (!files.has(key)) files.set(key, readBytes(store, key));
      const bytes = await files.get(key)!;
      yield range ? bytes.subarray(range.start, range.end) : bytes;
    },
  };
}

function stepwise(store: PayloadStore, step: () => Promise<void>): PayloadStore {
  const on = async (key: string): Promise<void> => {
    if (/\/receipts\/|\/report\.json$/.test(key)) await step();
  };
  return {
    ...beforeEachCommit(store, on),
    async *read(key, range) {
      await on(key);
      yield* store.read(key, range);
    },
    size: async (key) => (await on(key), store.size(key)),
    list: async (prefix) => (await on(prefix), store.list(prefix)),
    remove: async (key) => (await on(key), store.remove(key)),
  };
}

/** What the labeling service does with the call of an attempt. */
type Behaviour = 'answers' | 'loses its answer' | 'has no effect';

/** The first call for a label relabels it; a later one finds it gone. */
class SharedService {
  /** How often each label was applied. */
  readonly applied = new Map<string, number>();
  /** Labels that an answered call relabeled. */
  readonly confirmed = new Set<string>();

  async relabel(
    items: readonly Item[],
    behaviour: Behaviour,
    step: () => Promise<void>,
  ): Promise<RelabelAnswer> {
    await step();
    const failed = (kind: 'no-answer' | 'retryable') =>
      fails(kind)(items, { project: '', key: '' }, AbortSignal.abort()) as RelabelAnswer;
    if (behaviour === 'has no effect') {
      await step();
      return failed('retryable');
    }
    const outcomes = items.map(({ labelId }) => {
      const before = this.applied.get(labelId) ?? 0;
      this.applied.set(labelId, before + 1);
      return { labelId, outcome: before === 0 ? ('relabeled' as const) : ('already-gone' as const) };
    });
    await step();
    if (behaviour === 'loses its answer') return failed('no-answer');
    for (const { labelId, outcome } of outcomes) if (outcome === 'relabeled') this.confirmed.add(labelId);
    return { reported: outcomes.length, items: outcomes };
  }
}

interface Attempt {
  readonly end: Promise<ChunkResult | Error>;
  runTo(step: number): Promise<boolean>;
}

/** One plan, whose ranges the interleavings use one after the other. */
class TwoAttempts {
  readonly service = new SharedService();
  private readonly harnesses: ActivityHarness[];
  private readonly planInMemory: PayloadStore;
  private readonly labels: readonly string[];
  private next = 0;

  private constructor(
    private readonly folder: string,
    private readonly request: ExportRequest,
    readonly ref: AttemptRef,
    private readonly idempotent: boolean,
  ) {
    this.harnesses = [0, 1, 2, 3].map(() => new ActivityHarness(folder));
    this.planInMemory = withPlanInMemory(this.store);
    this.labels = this.harnesses[0]!.labels(ref).map(({ labelId }) => labelId);
  }

  static async create(folder: string, { labels = 80, idempotent = true } = {}): Promise<TwoAttempts> {
    const harness = new ActivityHarness(folder);
    const request = await harness.accept(crops(labels));
    return new TwoAttempts(folder, request, (await harness.plan(request)).ref, idempotent);
  }

  get store(): PayloadStore {
    return this.harnesses[0]!.store;
  }

  get warnings(): readonly string[] {
    return this.harnesses.flatMap(({ warnings }) => warnings);
  }

  /** How often each label of a range was applied. */
  appliedIn({ from, to }: Range): number[] {
    const { labels } = this;
    return labels.slice(from, to).map((labelId) => this.service.applied.get(labelId) ?? 0);
  }

  async report(outcome: Outcome): Promise<void> {
    await new ActivityHarness(this.folder).end(this.request, this.ref, { outcome });
  }

  /** Receipts and report, byte for byte. */
  results(): Record<string, string> {
    const harness = this.harnesses[0]!;
    const receipts = harness.files(this.ref, 'receipts').filter((name) => name.endsWith('.json'));
    const names = [...receipts.map((name) => `receipts/${name}`), 'report.json', 'report.csv'];
    return Object.fromEntries(names.map((name) => [name, harness.text(this.ref, name)]));
  }

  range(): Range {
    const from = this.next;
    this.next += 2;
    return { from, to: from + 2 };
  }

  /** Starts an attempt, which waits at its first step. Temporal schedules attempt n at n seconds. */
  start(
    attempt: number,
    { from, to }: Range,
    behaviour: Behaviour,
    more: { scheduledAt?: number; runId?: string } = {},
  ): Attempt {
    const steps = new Steps();
    const step = () => steps.step();
    const harness = this.harnesses[Math.min(attempt, this.harnesses.length - 1)]!;
    harness.service.idempotent = this.idempotent;
    harness.service.relabel = (items) => this.service.relabel(items, behaviour, step);
    harness.restart({}, stepwise(this.planInMemory, step));
    const env = harness.env({ attempt, scheduledAt: more.scheduledAt ?? attempt * 1000, runId: more.runId });
    const end = harness
      .relabel(this.ref, from, to, { mayOverlap: attempt > 1, env })
      .catch((error: unknown) => error as Error);
    return { end, runTo: (limit) => steps.runTo(limit, end) };
  }

  /** Runs the newest attempt to its end, and, as Temporal does, the next one if it failed. */
  async finish(newest: Attempt, range: Range): Promise<ChunkResult> {
    let attempt = newest;
    for (let number = 3; number <= 6; number += 1) {
      await attempt.runTo(Infinity);
      const result = await attempt.end;
      if (!(result instanceof Error)) return result;
      attempt = this.start(number, range, 'answers');
    }
    throw new Error('The newest attempt still fails after four retries.');
  }

  /** What is wrong about the receipt of a range; nothing when all is right. */
  async faults(range: Range): Promise<string[]> {
    const receipt = await readReceipt(this.store, this.ref, range);
    return receipt.items.flatMap((item) => {
      const applied = this.service.applied.get(item.labelId) ?? 0;
      const expected = this.service.confirmed.has(item.labelId) ? 'relabeled' : item.outcome;
      return [
        ...(applied === 0 && item.outcome !== 'unconfirmed' ? ['not applied'] : []),
        ...(applied > 1 && !receipt.repeated ? [`applied ${applied} times and not repeated`] : []),
        ...(item.outcome === expected ? [] : [`${item.outcome} instead of ${expected}`]),
      ];
    });
  }
}

/** A first attempt lists the files, looks for receipt, mark and report, writes its mark, and looks for all three again. */
const stepsBeforeCall = 8;
/** Then its call has two steps, and it looks at the mark and for the report. */
const stepsBeforeReceipt = 12;

const parent = tempFolder({ inMemory: true });
let folders = 0;
const newFolder = (): string => join(parent, String((folders += 1)));

interface Case {
  readonly first: Behaviour;
  readonly second: Behaviour;
  readonly idempotent?: boolean;
  /** An attempt before both got no answer, and left its mark. */
  readonly hasLostCall?: boolean;
  /** The first attempt stops a second time. */
  readonly stopsTwice?: boolean;
}

/** Runs the first attempt to step i, the second to step j, the first to step k, then each to its end. */
async function interleave(attempts: TwoAttempts, [i, j, k]: readonly [number, number, number], one: Case) {
  const range = attempts.range();
  if (one.hasLostCall) {
    const lost = attempts.start(0, range, 'loses its answer');
    await lost.runTo(Infinity);
    await lost.end;
  }
  const first = attempts.start(1, range, one.first);
  const stopped = await first.runTo(i);
  const second = attempts.start(2, range, one.second);
  const secondStopped = await second.runTo(j);
  const stoppedAgain = await first.runTo(k);
  await attempts.finish(second, range);
  await first.runTo(Infinity);
  await first.end;
  const faults = await attempts.faults(range);
  return { stopped, secondStopped, stoppedAgain, faults: faults.map((fault) => `${i}-${j}-${k}: ${fault}`) };
}

/** Steps of a first attempt whose interleavings run at the same time, each on a plan of its own. */
const concurrent = 4;

/** Every interleaving, until an attempt has no further step. */
async function interleaveAll(one: Case): Promise<{ faults: string[]; count: number }> {
  const faults: string[] = [];
  let count = 0;
  for (let from = 0, more = true; more; from += concurrent) {
    const steps = Array.from({ length: concurrent }, (_, at) => from + at);
    const results = await Promise.all(steps.map((i) => interleaveFrom(i, one)));
    faults.push(...results.flatMap((result) => result.faults));
    count += results.reduce((sum, result) => sum + result.count, 0);
    more = results.every(({ stopped }) => stopped);
  }
  return { faults, count };
}

/** Every interleaving in which the first attempt stops at step i. `stopped` is false when it has no step i. */
async function interleaveFrom(i: number, one: Case) {
  const labels = one.stopsTwice ? 400 : 80; // two for each interleaving
  const attempts = await TwoAttempts.create(newFolder(), { ...one, labels });
  const faults: string[] = [];
  let count = 0;
  let stopped = true;
  for (let [j, secondMore] = [0, true]; secondMore; j += 1)
    for (let [k, firstMore] = [one.stopsTwice ? i : Infinity, true]; firstMore; k += 1) {
      const result = await interleave(attempts, [i, j, k], one);
      faults.push(...result.faults);
      count += 1;
      stopped = result.stopped;
      secondMore = stopped && result.secondStopped;
      firstMore = result.stoppedAgain;
    }
  return { faults, count, stopped };
}

describe('Two attempts at one call', () => {
  it.each<Case>([
    { first: 'answers', second: 'answers' },
    { first: 'answers', second: 'answers', hasLostCall: true },
    { first: 'answers', second: 'answers', idempotent: false },
    { first: 'answers', second: 'loses its answer' },
    { first: 'answers', second: 'has no effect' },
    { first: 'loses its answer', second: 'answers' },
    { first: 'has no effect', second: 'answers' },
  ])(
    'Whatever their interleaving, a label that was applied twice is repeated and has its strongest outcome: %j',
    async (one) => {
      const { faults, count } = await interleaveAll(one);
      expect(faults).toEqual([]);
      expect(count).toBeGreaterThan(100);
    },
    60_000,
  );

  it('A label that was applied twice is repeated also when the first attempt stops twice', async () => {
    const one: Case = { first: 'answers', second: 'answers', stopsTwice: true };
    const { faults, count } = await interleaveAll(one);
    expect(faults.filter((fault) => fault.includes('repeated'))).toEqual([]);
    expect(count).toBeGreaterThan(500);
  }, 60_000);

  it.each([
    ['the next attempt', 2, { scheduledAt: 2000 }],
    ['another run, after the loss of the database', 1, { scheduledAt: 2000, runId: 'run-2' }],
    ['a reset of the activity, which counts from 1 again', 0, { scheduledAt: 2000 }],
  ])('An attempt that wakes up before its call makes none after %s', async (_, attempt, more) => {
    const attempts = await TwoAttempts.create(newFolder());
    for (let i = 0; i < stepsBeforeCall; i += 1) {
      const range = attempts.range();
      const frozen = attempts.start(1, range, 'answers');
      expect(await frozen.runTo(i)).toBe(true);
      const later = attempts.start(attempt, range, 'answers', more);
      await later.runTo(Infinity);
      expect(await later.end).toMatchObject({ kind: 'done', relabeled: 2 });
      await frozen.runTo(Infinity);
      await frozen.end;
      expect([i, attempts.appliedIn(range)]).toEqual([i, [1, 1]]);
    }
  });

  it('An attempt that wakes up while a later one calls makes no call, and fails so that Temporal would retry', async () => {
    const attempts = await TwoAttempts.create(newFolder());
    for (let i = 0; i < stepsBeforeCall; i += 1) {
      const range = attempts.range();
      const frozen = attempts.start(1, range, 'answers');
      await frozen.runTo(i);
      const later = attempts.start(2, range, 'answers');
      await later.runTo(stepsBeforeCall + 2); // its mark is there, its receipt is not
      await frozen.runTo(Infinity);
      expect(await frozen.end).toMatchObject({
        message: `Another attempt is sending labels ${range.from + 1}-${range.to}; this attempt stops. Temporal retries the newest attempt.`,
        type: 'AnotherAttempt',
        nonRetryable: false,
      });
      await later.runTo(Infinity);
      expect(await later.end).toMatchObject({ kind: 'done', relabeled: 2 });
      expect([i, attempts.appliedIn(range)]).toEqual([i, [1, 1]]);
    }
  });

  it.each([
    ['after a reset, even though its number is lower', 1, 9000],
    ['after Temporal’s clock was set back, if its number is higher', 4, 1000],
  ])('The newest attempt sends a call whose answer was lost %s', async (_, attempt, scheduledAt) => {
    const attempts = await TwoAttempts.create(newFolder());
    const range = attempts.range();
    const lost = attempts.start(3, range, 'loses its answer');
    await lost.runTo(Infinity);
    await lost.end;
    const newest = attempts.start(attempt, range, 'answers', { scheduledAt });
    await newest.runTo(Infinity);
    expect(await newest.end).toMatchObject({ kind: 'done', repeated: true, relabeled: 2 });
  });
});

describe('An attempt that wakes up after the report was written', () => {
  it('An attempt that wakes up after the report replaces nothing; its late answer is logged without label ids', async () => {
    for (let i = 0, stopped = true; stopped; i += 1) {
      const attempts = await TwoAttempts.create(newFolder(), { labels: 2 });
      const range = attempts.range();
      const frozen = attempts.start(1, range, 'answers');
      stopped = await frozen.runTo(i);
      const later = attempts.start(2, range, 'answers');
      await later.runTo(Infinity);
      expect(await later.end).toMatchObject({ kind: 'done' });
      await attempts.report('completed');
      const before = attempts.results();
      const isAnswerDue = i >= stepsBeforeCall && i <= stepsBeforeReceipt;
      await frozen.runTo(Infinity);
      await frozen.end;
      expect([i, attempts.results()]).toEqual([i, before]);
      expect([i, attempts.warnings]).toEqual([i, isAnswerDue ? [lateAnswer] : []]);
    }
  });

  it('An attempt that wakes up after the report of a cancelled export makes no call', async () => {
    // without a later attempt, the look for the report is the last one that can stop it
    for (let i = 0; i < stepsBeforeCall - 1; i += 1) {
      const attempts = await TwoAttempts.create(newFolder(), { labels: 2 });
      const range = attempts.range();
      const frozen = attempts.start(1, range, 'answers');
      await frozen.runTo(i);
      await attempts.report('cancelled');
      await frozen.runTo(Infinity);
      await frozen.end;
      expect([i, attempts.appliedIn(range)]).toEqual([i, [0, 0]]);
      const again = attempts.start(2, range, 'answers');
      await again.runTo(Infinity);
      expect(await again.end).toEqual({
        kind: 'needs-person',
        because:
          'The report of this export is already written, so nothing more of it may be sent. Cancel it, then replay the delivery.',
      });
    }
  });
});

const lateAnswer =
  'The labeling service answered for labels 1-2 after the report was written. The report does not show it; the receipt stays as it is.';
