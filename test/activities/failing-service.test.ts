import type { ApplicationFailure } from '@temporalio/common';
import type { AttemptRef } from '../../src/domain/attempt-ref';
import type { ChunkResult } from '../../src/activities/contracts';
import { activityHarnesses, type ActivityHarness } from '../support/harness/activity-harness';
import { crops } from '../support/builders';
import { fails } from '../support/harness/fake-labeling-service';

let harness: ActivityHarness;
let ref: AttemptRef;
const newHarness = activityHarnesses();

beforeEach(async () => {
  harness = newHarness();
  ref = (await harness.plan(await harness.accept(crops(30)))).ref;
});

const serverError = fails('no-answer', { isServerError: true, answer: '500' });
const otherError = fails('no-answer', { isServerError: true, answer: '502', message: 'Another error.' });
const tenMinutes = 10 * 60_000;

/** Runs attempts of one activity until it returns or `attempts` have failed. */
async function attempts(
  count: number,
  [from, to]: readonly [number, number],
  options: Parameters<ActivityHarness['relabel']>[3] = {},
): Promise<ChunkResult | 'retried'> {
  for (let attempt = 1; attempt <= count; attempt += 1) {
    const result = await harness
      .relabel(ref, from, to, { attempt, ...options })
      .catch((error: ApplicationFailure) => {
        expect(error.nonRetryable).toBe(false);
      });
    if (result) return result;
  }
  return 'retried';
}

describe('A server error', () => {
  it('keeps failing after three equal answers in a row, and only then is the service checked', async () => {
    harness.service.next(serverError, serverError, serverError);
    expect(await attempts(3, [0, 4])).toEqual({
      kind: 'keeps-failing',
      because: 'The service said no-answer.',
      failures: 3,
      waitMs: expect.any(Number) as number,
      service: 'well',
      labelReason: 'The labeling service answers 500 whenever this label is sent.',
    });
    expect(harness.service.calls).toHaveLength(3);
  });

  it('does not keep failing when another answer comes between', async () => {
    harness.service.next(serverError, serverError, otherError, serverError, serverError);
    expect(await attempts(5, [0, 4])).toBe('retried');
    expect(await harness.relabel(ref, 0, 4, { attempt: 6 })).toMatchObject({ kind: 'done', relabeled: 4 });
  });

  it('never counts as a call that is too large', async () => {
    harness.service.next(fails('no-answer'), serverError, serverError, fails('no-answer'));
    expect(await attempts(3, [0, 4])).toBe('retried');
    expect(await harness.relabel(ref, 0, 4, { attempt: 4 })).toMatchObject({ kind: 'too-large' });
  });

  it('keeps failing after as many answers as the workflow asks for', async () => {
    harness.service.next(serverError, serverError, serverError);
    expect(await attempts(2, [0, 4], { answerAfter: 2 })).toMatchObject({
      kind: 'keeps-failing',
      failures: 2,
    });
    expect(await attempts(1, [4, 8], { answerAfter: 1 })).toMatchObject({
      kind: 'keeps-failing',
      failures: 1,
    });
  });

  it('reports a service that does not answer a check', async () => {
    harness.service.answersCheck = false;
    harness.service.next(serverError);
    expect(await attempts(1, [0, 4], { answerAfter: 1 })).toMatchObject({ service: 'down' });
  });

  it('is counted from the start by the next activity, and its number of failures goes up', async () => {
    harness.service.next(...Array.from({ length: 6 }, () => serverError));
    await attempts(3, [0, 4]);
    const failedBefore = { because: 'It failed.', failures: 3, waitMs: 20_000 };
    await expect(harness.relabel(ref, 0, 4, { failedBefore })).rejects.toMatchObject({
      message: 'It failed.',
    });
    expect(harness.service.calls).toHaveLength(3); // the first attempt only waits
    const later = [2, 3, 4].map((attempt) => () => harness.relabel(ref, 0, 4, { attempt, failedBefore }));
    await expect(later[0]!()).rejects.toThrow('The service said no-answer.');
    await expect(later[1]!()).rejects.toThrow('The service said no-answer.');
    expect(await later[2]!()).toMatchObject({ kind: 'keeps-failing', failures: 6 });
  });

  it('leaves a mark, so that a success afterwards is marked as repeated', async () => {
    harness.service.next(serverError, serverError, serverError);
    await attempts(3, [0, 4]);
    expect(await harness.relabel(ref, 0, 2, { mayOverlap: true })).toMatchObject({
      kind: 'done',
      repeated: true,
    });
  });

  it('is not repeated where the service is not idempotent', async () => {
    harness.service.idempotent = false;
    harness.service.next(serverError);
    expect(await attempts(3, [0, 4])).toMatchObject({ kind: 'done', unconfirmed: 4 });
    expect(harness.service.calls).toHaveLength(1);
  });
});

it('The wait of the first attempt is at least what the workflow passes on', async () => {
  const failedBefore = { because: 'It failed.', failures: 3, waitMs: 20_000 };
  const failure = await harness
    .relabel(ref, 0, 4, { failedBefore })
    .catch((error: ApplicationFailure) => error);
  expect(Number((failure as ApplicationFailure).nextRetryDelay)).toBeGreaterThanOrEqual(20_000);
});

it('A call with one label keeps failing after three calls without an answer', async () => {
  harness.service.next(fails('no-answer'), fails('no-answer'), fails('no-answer'));
  expect(await attempts(3, [7, 8])).toMatchObject({
    kind: 'keeps-failing',
    failures: 3,
    service: 'unchecked',
    labelReason: 'The labeling service gave no answer whenever this label was sent.',
  });
});

it('A label that is given up is recorded as unconfirmed and repeated, without a call', async () => {
  harness.service.next(serverError);
  await attempts(1, [7, 8], { answerAfter: 1 });
  expect(await harness.relabel(ref, 7, 8, { giveUpBecause: 'It answers 500.' })).toMatchObject({
    kind: 'done',
    unconfirmed: 1,
    repeated: true,
  });
  expect(harness.receipt(ref, '7-8').items).toEqual([
    { labelId: 'label-7', outcome: 'unconfirmed', reason: 'It answers 500.' },
  ]);
  expect(harness.service.calls).toHaveLength(1);
});

describe('An activity that fails for ten minutes', () => {
  it.each<[string, Parameters<typeof fails>]>([
    ['the service cannot be reached', ['retryable']],
    ['the service gives no answer', ['no-answer', { isServerError: true }]],
    ['the service asks to wait', ['retryable', { retryAfterMs: 5000 }]],
  ])('returns the sentence and the number of its failures when %s', async (_what, failure) => {
    harness.service.next(fails(...failure), fails(...failure));
    const early = harness.env({ attempt: 11, scheduledAt: tenMinutes });
    await expect(harness.relabel(ref, 0, 1, { env: early })).rejects.toThrow('The service said');
    harness.restart(); // forgets until when the service asked to wait
    const late = harness.env({ attempt: 12, scheduledAt: tenMinutes + 1 });
    expect(await harness.relabel(ref, 0, 1, { env: late })).toEqual({
      kind: 'still-failing',
      because: `The service said ${failure[0]}.`,
      failures: 12,
      waitMs: expect.any(Number) as number,
    });
  });

  it('counts the failures of earlier activities, and waits no less than the service asks for', async () => {
    harness.service.next(fails('retryable', { retryAfterMs: 90_000 }));
    const failedBefore = { because: 'It failed.', failures: 12, waitMs: 1 };
    const env = harness.env({ attempt: 9, scheduledAt: tenMinutes + 1 });
    const result = await harness.relabel(ref, 0, 1, { env, failedBefore });
    expect(result).toMatchObject({ kind: 'still-failing', failures: 21 });
    expect((result as { waitMs: number }).waitMs).toBeGreaterThanOrEqual(90_000);
  });

  it('does not count the time in which it waited for a worker', async () => {
    harness.service.next(fails('retryable'));
    const env = harness.env({ attempt: 1, scheduledAt: tenMinutes + 1 });
    await expect(harness.relabel(ref, 0, 1, { env })).rejects.toThrow('The service said retryable.');
  });
});
