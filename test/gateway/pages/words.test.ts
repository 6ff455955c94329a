import { coarseDuration } from '../../../src/gateway/pages/words';

test.each([
  [-1, '0 seconds'],
  [1, '1 second'],
  [59.9, '59 seconds'],
  [60, '1 minute'],
  [150, '2 minutes'],
  [7199, '119 minutes'],
  [7200, '2 hours'],
  [172_799, '47 hours'],
  [172_800, '2 days'],
])('%d s last no longer than %s', (seconds, words) => {
  expect(coarseDuration(seconds)).toBe(words);
});
