import { hearApprove, hearReject, isAbout, undecodableKey } from '../../src/domain/decision';

describe('hearApprove', () => {
  test.each([
    ['nothing', []],
    ['undefined', [undefined]],
    ['null', [null]],
    ['an empty list', [[]]],
    ['an empty object', [{}]],
    ['a number', [7]],
    ['true', [true]],
    ['a word', ['yes']],
    ['{approved:"yes"}', [{ approved: 'yes' }]],
    ['doubly quoted JSON', ['"{\\"by\\":\\"ann\\"}"']],
  ])('takes %s as a yes', (_name, args) => {
    expect(hearApprove(args).kind).toBe('approve');
  });

  test.each([
    ['false', [false]],
    ['"no"', ['no']],
    ['" NO "', [' NO ']],
    ['"reject"', ['reject']],
    ['quoted false', ['false']],
    ['{approved:false}', [{ approved: false }]],
    ['{decision:"reject"}', [{ decision: 'reject' }]],
    ['doubly quoted no', ['"\\"no\\""']],
    ['undecodable content', [{ [undecodableKey]: 'Unknown encoding: foo' }]],
    ['bytes', [new Uint8Array([1])]],
    ['upTo 0', [{ upTo: 0 }]],
    ['upTo 1.5', [{ upTo: 1.5 }]],
  ])('lets %s decide nothing', (_name, args) => {
    expect(hearApprove(args).kind).toBe('nothing');
  });

  test('keeps another string as the reason', () => {
    expect(hearApprove(['looks good'])).toEqual({ kind: 'approve', reason: 'looks good' });
  });

  test('reads by, reason, revision and upTo', () => {
    expect(hearApprove([{ by: 'ann', reason: 'ok', revision: 'ABCDEF012345', upTo: '12' }])).toEqual({
      kind: 'approve',
      by: 'ann',
      reason: 'ok',
      revision: 'abcdef012345',
      upTo: 12,
    });
  });

  test('reads a revision of decimal digits that lost its quotes', () => {
    expect(hearApprove([{ revision: 123456789012 }])).toMatchObject({ revision: '123456789012' });
  });
});

test.each([[[]], [[false]], [['no']], [[{ [undecodableKey]: 'x' }]], [[{ approved: true }]]])('reject given %j is a no', (args) => {
  expect(hearReject(args).kind).toBe('reject');
});

test('a decision is about a body by 12 or all 64 digits', () => {
  const sha256 = 'ab'.repeat(32);
  expect(isAbout(sha256.slice(0, 12), sha256)).toBe(true);
  expect(isAbout(sha256, sha256)).toBe(true);
  expect(isAbout(sha256.slice(0, 11), sha256)).toBe(false);
});
