import { cacheAsync } from '../../src/collections/cache-async';
import { until } from '../support/until';

it('whoever asks before it came, or while it is kept, gets the same', async () => {
  let made = 0;
  const get = cacheAsync(
    async () => (made += 1),
    () => 60_000,
  );
  expect(await Promise.all([get(), get()])).toEqual([1, 1]);
  expect(await get()).toBe(1);
});

it('afterwards it is made again, for all who ask then', async () => {
  let made = 0;
  const get = cacheAsync(
    async () => (made += 1),
    (took) => took / 1e6,
  );
  expect(await get()).toBe(1);
  await until('another', async () => (await get()) > 1);
});

it('a failure is told to all who waited for it, and not kept', async () => {
  let tries = 0;
  const get = cacheAsync(
    async () => {
      tries += 1;
      if (tries === 1) throw new Error('away');
      return tries;
    },
    () => 60_000,
  );
  const both = await Promise.allSettled([get(), get()]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await get()).toBe(2);
});
