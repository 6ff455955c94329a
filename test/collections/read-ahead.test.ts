import { readAhead } from '../../src/collections/read-ahead';

it.each([0, 1, 3, 4, 5, 20])(
  'Read-ahead keeps the order of %i items, with at most four at work',
  async (count) => {
    let atWork = 0;
    let most = 0;
    const work = async (item: number) => {
      most = Math.max(most, (atWork += 1));
      for (let turn = 0; turn < 7 - (item % 7); turn += 1) await Promise.resolve();
      atWork -= 1;
      return item;
    };
    const items = Array.from({ length: count }, (_, at) => at);
    const results: number[] = [];
    for await (const result of readAhead(items, 4, work)) results.push(result);
    expect(results).toEqual(items);
    expect(most).toBe(Math.min(count, 4));
  },
);

it('Read-ahead starts nothing more when the reader stops', async () => {
  const started: number[] = [];
  const work = async (item: number) => (started.push(item), item);
  for await (const result of readAhead([1, 2, 3, 4, 5, 6], 2, work)) if (result === 2) break;
  expect(started).toEqual([1, 2, 3]);
});
