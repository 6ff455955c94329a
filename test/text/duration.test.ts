import { formatDuration, parseDuration } from '../../src/text/duration';

describe('formatDuration', () => {
  it.each([
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
  ])('writes %d ms exactly as %s', (ms, words) => {
    expect(formatDuration(ms, 'exact')).toBe(words);
  });

  it.each([
    [-1, '0 seconds', '0 s'],
    [59_999, '59 seconds', '59 s'],
    [60_000, '1 minute', '1 min'],
    [7_199_999, '119 minutes', '119 min'],
    [7_200_000, '2 hours', '2 h'],
    [172_799_999, '47 hours', '47 h'],
    [172_800_000, '2 days', '2 d'],
    [604_800_000, '7 days', '7 d'],
  ])('writes %d ms coarsely as %s, in tables as %s', (ms, words, short) => {
    expect([formatDuration(ms, 'coarse'), formatDuration(ms, 'short')]).toEqual([words, short]);
  });
});

describe('parseDuration', () => {
  it.each([
    ['100ms', 100],
    ['30s', 30_000],
    ['2m', 120_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '7', 'd', '7 d', '1.5h', '-1s', '1week', '1234567890s'])('refuses %p', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
