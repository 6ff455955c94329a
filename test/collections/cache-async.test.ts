import { cacheAsync } from '../../src/collections/cache-async';
import { until } from '../support/until';

it('cacheAsync shares one call between concurrent callers, and its result while it is cached', async () => {
  let made = 0;
  const get = cacheAsync(
    async () => (made += 1),
    () => 60_000,
  );
  expect(await Promise.all([get(), get()])).toEqual([1, 1]);
  expect(await get()).toBe(1);
});

it('cacheAsync loads again after the result expired, once for all callers', async () => {
  let made = 0;
  const get = cacheAsync(
    async () => (made += 1),
    (took) => took / 1e6,
  );
  expect(await get()).toBe(1);
  await until('another', async () => (await get()) > 1);
});

it('cacheAsync passes a failure to all callers of that call, and does not cache it', async () => {
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
