import { retryAfterMs } from '../../src/labeling/retry-after';

describe('Retry-After', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  it.each([
    ['seconds', '7', 7000],
    ['seconds between spaces', ' 7 ', 7000],
    ['no wait', '0', 0],
    ['two hours', '7200', 7_200_000],
    ['more than a week of seconds', '99999999999999999999', 604_800_000],
    ['a date', 'Tue, 24 Nov 2026 12:00:30 GMT', 30_000],
    ['a date tomorrow', 'Wed, 25 Nov 2026 12:00:00 GMT', 86_400_000],
    ['a date far off', 'Thu, 25 Nov 2027 12:00:00 GMT', 604_800_000],
    ['a date that has passed', 'Tue, 24 Nov 2026 11:00:00 GMT', 0],
    ['nothing', undefined, undefined],
    ['an empty header', '', undefined],
    ['words', 'soon', undefined],
    ['a negative number', '-5', undefined],
    ['a fraction', '1.5', undefined],
    ['two headers, by the first', ['3', '9'], 3000],
  ])('The header %s is read', (_what, header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});
