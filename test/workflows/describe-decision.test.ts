import {
  describeDecision,
  describeSender,
  shortenReason,
} from '../../src/workflows/decide/describe-decision';

it('A sender with a token is named plainly, a claimed name is quoted, and a missing name is reported', () => {
  expect(describeSender({ by: 'ann', proven: true })).toBe('ann (token)');
  expect(describeSender({ by: 'ann' })).toBe('"ann" (claimed)');
  expect(describeSender({ by: 'ann', proven: false })).toBe('"ann" (claimed)');
  expect(describeSender({})).toBe('unnamed sender');
  expect(describeSender({ by: 'x'.repeat(61), proven: true })).toBe(`${'x'.repeat(60)} (token)`);
});

it('A decision is described by its way, its kind, its labels, its sender and its reason', () => {
  expect(describeDecision({ kind: 'approve' })).toBe('Signal approve');
  expect(describeDecision({ kind: 'reject', by: 'ann', reason: 'wrong issue' })).toBe(
    'Signal reject by "ann" (claimed) ("wrong issue")',
  );
  expect(describeDecision({ kind: 'approve', through: 'update', by: 'ann', proven: true, upTo: 1500 })).toBe(
    'Update approve up to 1,500 by ann (token)',
  );
});

it('A decision through the gateway is described by the operator’s way to it', () => {
  const proven = { by: 'ann', proven: true } as const;
  expect(describeDecision({ kind: 'approve', through: 'page', ...proven, upTo: 5 })).toBe(
    'Approval up to 5 by ann (token) on the page',
  );
  expect(describeDecision({ kind: 'reject', through: 'command', ...proven, reason: 'no' })).toBe(
    'Rejection by ann (token) with a requeue command ("no")',
  );
});

it('A reason is shortened to 120 characters and never inside a surrogate pair', () => {
  expect(shortenReason('x'.repeat(120))).toBe('x'.repeat(120));
  expect(shortenReason('x'.repeat(121))).toBe(`${'x'.repeat(119)}…`);
  expect(shortenReason(`${'x'.repeat(118)}😀😀`)).toBe(`${'x'.repeat(118)}…`);
});
