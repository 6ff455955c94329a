import { timeInWords } from '../../src/text/duration';

test.each([
  [-1, '0 seconds'],
  [999, '0 seconds'],
  [1000, '1 second'],
  [60_000, '1 minute'],
  [150_000, '2 minutes 30 seconds'],
  [3_599_999, '59 minutes 59 seconds'],
  [3_660_000, '1 hour 1 minute'],
  [5_400_000, '1 hour 30 minutes'],
  [86_400_000, '1 day'],
  [216_000_000, '2 days 12 hours'],
  [604_800_000, '7 days'],
  [604_801_000, '7 days'],
  [31_536_000_000_000, '365,000 days'],
])('%d ms are %s', (ms, words) => {
  expect(timeInWords(ms)).toBe(words);
});
