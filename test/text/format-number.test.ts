import { formatNumber } from '../../src/text/format-number';

it('formatNumber puts a comma before every three digits, and none at the start', () => {
  expect([0, 7, 999, 1000, 82_000, 123_456, 1_234_567, 123_456_789].map(formatNumber)).toEqual([
    '0',
    '7',
    '999',
    '1,000',
    '82,000',
    '123,456',
    '1,234,567',
    '123,456,789',
  ]);
});
