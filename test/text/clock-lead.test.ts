import { describeLead } from '../../src/text/clock-lead';

it.each([
  [{ min: 900_000, max: 901_000 }, '15 minutes ahead of'],
  [{ min: -21_000, max: -20_000 }, '20 seconds behind'],
  [{ min: 5000, max: 7000 }, '5 seconds ahead of'],
])('A lead of %o is %s', (lead, text) => {
  expect(describeLead(lead)).toBe(text);
});

it.each([
  { min: 0, max: 0 },
  { min: 4999, max: 6000 },
  { min: -6000, max: -4999 },
  { min: -9000, max: 9000 },
])('Clocks that may differ by less than 5 s agree: %o', (lead) => {
  expect(describeLead(lead)).toBeUndefined();
});
