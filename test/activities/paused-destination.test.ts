import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttemptRef } from '../../src/domain/attempt-ref';
import {
  readDestinationPause,
  readDestinationWait,
  removeDestinationPause,
  createDestinationPause,
} from '../../src/payloads/destination-state';
import { activityHarnesses, type ActivityHarness } from '../support/harness/activity-harness';
import { crops } from '../support/builders';
import { fails } from '../support/harness/fake-labeling-service';

let harness: ActivityHarness;
let ref: AttemptRef;
const newHarness = activityHarnesses();
const pause = { version: 1, by: 'ann', reason: 'outage', at: '2026-11-28T06:40:12.000Z' } as const;

beforeEach(async () => {
  harness = newHarness();
  ref = (await harness.plan(await harness.accept(crops(30)))).ref;
});

it('relabelChunk makes no call to a paused destination and leaves no mark, until the pause ends', async () => {
  await createDestinationPause(harness.store, 'labelbox', pause);
  expect(await harness.relabel(ref, 0, 4)).toEqual({
    kind: 'destination-paused',
    because:
      'The destination labelbox is paused by ann ("outage"). This export continues when it is resumed.',
  });
  expect(harness.files(ref, 'receipts')).toEqual([]);
  await removeDestinationPause(harness.store, 'labelbox');
  expect(await harness.relabel(ref, 0, 4)).toMatchObject({ kind: 'done', relabeled: 4, repeated: false });
  expect(harness.service.calls).toHaveLength(1);
});

it('A long reason is never cut inside a character', async () => {
  const reason = `${'a'.repeat(99)}😀 outage`;
  await createDestinationPause(harness.store, 'labelbox', { ...pause, reason });
  expect(await harness.relabel(ref, 0, 4)).toEqual({
    kind: 'destination-paused',
    because: `The destination labelbox is paused by ann ("${'a'.repeat(99)}"). This export continues when it is resumed.`,
  });
  const by = `${'b'.repeat(300 - 'The destination labelbox is paused by '.length - 1)}😀`;
  await removeDestinationPause(harness.store, 'labelbox');
  await createDestinationPause(harness.store, 'labelbox', { ...pause, by });
  expect(await harness.relabel(ref, 0, 4)).toEqual({
    kind: 'destination-paused',
    because: `The destination labelbox is paused by ${by.slice(0, -2)}`,
  });
});

it.each([
  ['page', 'on the page'],
  ['command', 'with a requeue command'],
  ['api', 'through the API'],
] as const)('The sentence names how the operator paused the destination: %s', async (through, words) => {
  await createDestinationPause(harness.store, 'labelbox', { ...pause, through });
  expect(await harness.relabel(ref, 0, 4)).toEqual({
    kind: 'destination-paused',
    because: `The destination labelbox is paused by ann (token) ${words} ("outage"). This export continues when it is resumed.`,
  });
});

it('A pause of another destination stops nothing', async () => {
  await createDestinationPause(harness.store, 'second', pause);
  expect(await harness.relabel(ref, 0, 4)).toMatchObject({ kind: 'done' });
});

it.each(['', '{"by":', 'null', '[]', '{"by":7}'])(
  'A pause that cannot be read is still a pause: %j',
  async (content) => {
    await createDestinationPause(harness.store, 'labelbox', pause);
    writeFileSync(join(harness.folder, 'destinations/labelbox/paused.json'), content);
    expect(await harness.relabel(ref, 0, 4)).toEqual({
      kind: 'destination-paused',
      because:
        'The destination labelbox is paused by an unknown operator. This export continues when it is resumed.',
    });
  },
);

it('awaitDestination is retried while the destination is paused, and returns after that', async () => {
  await createDestinationPause(harness.store, 'labelbox', pause);
  await expect(harness.awaitDestination('labelbox')).rejects.toMatchObject({
    message:
      'The destination labelbox is paused by ann ("outage"). This export continues when it is resumed.',
    nonRetryable: false,
  });
  await removeDestinationPause(harness.store, 'labelbox');
  await expect(harness.awaitDestination('labelbox')).resolves.toBeUndefined();
});

it('A name with special characters stays inside the folder of destinations', async () => {
  await createDestinationPause(harness.store, '../Box 1', pause);
  expect(await readDestinationPause(harness.store, '../Box 1')).toEqual(pause);
  expect(await harness.store.list('destinations/')).toEqual(['%2e%2e%2f%42ox%201']);
});

describe('When the service asks to wait', () => {
  const waits = (retryAfterMs: number) => fails('retryable', { retryAfterMs });
  const ask = async (retryAfterMs: number) => {
    harness.service.next(waits(retryAfterMs));
    await expect(harness.relabel(ref, 0, 4)).rejects.toThrow('The service said retryable.');
    return Date.parse((await readDestinationWait(harness.store, 'labelbox'))?.until ?? '') - Date.now();
  };

  it('The time is written, and a worker that was not asked makes no call before it', async () => {
    expect(await ask(7_200_000)).toBeGreaterThan(7_100_000);
    harness.restart(); // forgets the gate
    const failure: unknown = await harness.relabel(ref, 0, 4).catch((error: unknown) => error);
    expect((failure as { nextRetryDelay: number }).nextRetryDelay).toBeGreaterThan(7_100_000);
    expect(harness.service.calls).toHaveLength(1);
  });

  it('A wait of a few seconds is not written', async () => {
    expect(await ask(2000)).toBeNaN();
  });
});
