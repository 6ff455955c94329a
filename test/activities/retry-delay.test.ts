import { retryDelayMs } from '../../src/activities/retry-delay';

const least = () => 0;
const most = () => 1 - Number.EPSILON;

describe('retryDelayMs', () => {
  it('The bound of the delay doubles with each attempt, from a second to a minute', () => {
    const bounds = [1, 2, 3, 6, 7, 50, 5000].map((attempt) => retryDelayMs({ attempt }, most));
    expect(bounds).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('The delay is a whole number of milliseconds, at least one', () => {
    expect(retryDelayMs({ attempt: 1 }, least)).toBe(1);
    expect(retryDelayMs({ attempt: 1 }, () => 0.00123)).toBe(2);
  });

  it.each([0, 0.1, 1, 2.5, 7000, 3_600_000])(
    'The delay is never shorter than the named %d ms, and the named delay is spread too',
    (atLeastMs) => {
      for (const attempt of [1, 2, 10]) {
        expect(retryDelayMs({ attempt, atLeastMs }, least)).toBe(Math.max(1, Math.ceil(atLeastMs)));
        expect(retryDelayMs({ attempt, atLeastMs }, most)).toBeGreaterThanOrEqual(atLeastMs + 1000);
      }
    },
  );

  it('A long named delay is spread over a tenth of its time', () => {
    expect(retryDelayMs({ attempt: 1, atLeastMs: 60_000 }, () => 0.5)).toBe(63_000);
  });

  it('Eight calls that fail together come back at eight times', () => {
    const delays = Array.from({ length: 8 }, (_, at) => retryDelayMs({ attempt: 1 }, () => at / 8));
    expect(delays).toEqual([1, 125, 250, 375, 500, 625, 750, 875]);
  });

  it('An activity with its own back-off keeps to it', () => {
    const backOff = { firstMs: 200, maxMs: 5000 };
    expect([1, 2, 20].map((attempt) => retryDelayMs({ attempt, backOff }, most))).toEqual([200, 400, 5000]);
  });
});
