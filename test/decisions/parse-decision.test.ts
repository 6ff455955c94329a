import { parseApprove, parseReject, undecodableKey } from '../../src/decisions/parse-decision';
import { isAbout } from '../../src/domain/decision';

describe('parseApprove', () => {
  it.each([
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
    ['an object with an empty key', [{ '': 'x' }]],
  ])('reads %s as a yes', (_name, args) => {
    expect(parseApprove(args).kind).toBe('approve');
  });

  it.each([
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
  ])('reads %s as no decision', (_name, args) => {
    expect(parseApprove(args).kind).toBe('nothing');
  });

  it('keeps any other string as the reason', () => {
    expect(parseApprove(['looks good'])).toStrictEqual({ kind: 'approve', reason: 'looks good' });
  });

  it('reads by, reason, revision and upTo', () => {
    expect(parseApprove([{ by: 'ann', reason: 'ok', revision: 'ABCDEF012345', upTo: '12' }])).toEqual({
      kind: 'approve',
      by: 'ann',
      reason: 'ok',
      revision: 'abcdef012345',
      upTo: 12,
    });
  });

  it('reads a revision of decimal digits that lost its quotes', () => {
    expect(parseApprove([{ revision: 123456789012 }])).toMatchObject({ revision: '123456789012' });
  });
});

it.each([[[]], [[false]], [['no']], [[{ [undecodableKey]: 'x' }]], [[{ approved: true }]]])(
  'A reject with %j is a no',
  (args) => {
    expect(parseReject(args).kind).toBe('reject');
  },
);

it('A decision names its body by 12 or all 64 digits', () => {
  const sha256 = 'ab'.repeat(32);
  expect(isAbout(sha256.slice(0, 12), sha256)).toBe(true);
  expect(isAbout(sha256, sha256)).toBe(true);
  expect(isAbout(sha256.slice(0, 11), sha256)).toBe(false);
});

it('An approval that decides nothing has a reason', () => {
  expect([[false], [new Uint8Array(1)], [{ upTo: -1 }]].map(parseApprove)).toEqual([
    { kind: 'nothing', why: 'its content means no; use the signal reject to reject' },
    { kind: 'nothing', why: 'its content cannot be decoded' },
    { kind: 'nothing', why: 'upTo must be a whole number from 1' },
  ]);
});

it.each([
  ['1', 1],
  ['999999999', 999_999_999],
  [1, 1],
  [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  [null, undefined],
  [undefined, undefined],
])('An approval accepts %p as upTo', (upTo, expected) => {
  expect(parseApprove([{ upTo }])).toEqual({
    kind: 'approve',
    upTo: expected,
  });
});

it.each(['', '1234567890', ' 1', '1x', 'x1', '0', 0, -1, 2 ** 53, NaN, Infinity, true, [], [7], {}])(
  'An approval refuses upTo %p',
  (upTo) => {
    expect(parseApprove([{ upTo }]).kind).toBe('nothing');
  },
);

it('A name and a reason are cut to their limits; a value that is not text is replaced by a phrase', () => {
  expect(parseApprove(['x'.repeat(2001)])).toEqual({ kind: 'approve', reason: 'x'.repeat(2000) });
  expect(parseReject([{ by: 'x'.repeat(2001), reason: [], revision: ' AB ' }])).toEqual({
    kind: 'reject',
    by: 'x'.repeat(200),
    reason: '(not text)',
    revision: 'ab',
  });
  expect(parseReject([{ by: NaN, reason: null }])).toEqual({
    kind: 'reject',
    by: '(not text)',
  });
});

it('Spaces alone are no reason, and an upper-case no in an object is a no', () => {
  expect(parseApprove(['  '])).toEqual({ kind: 'approve' });
  for (const argument of [
    { approved: ' FALSE ' },
    { decision: 'No' },
    { approved: true, decision: 'reject' },
  ])
    expect(parseApprove([argument]).kind).toBe('nothing');
  expect(parseApprove([Object.create({ approved: false })]).kind).toBe('approve');
});

it('An approval is unquoted three times, not more', () => {
  const quoted = (value: unknown, times: number): unknown =>
    times === 0 ? value : quoted(JSON.stringify(value), times - 1);
  expect(parseApprove([quoted(false, 3)]).kind).toBe('nothing');
  expect(parseApprove([quoted({ by: 'ann' }, 3)])).toEqual({ kind: 'approve', by: 'ann' });
  expect(parseApprove([quoted({ by: 'ann' }, 4)])).toEqual({ kind: 'approve', reason: '{"by":"ann"}' });
});

it('A reject that cannot be decoded is still a no, without a reason', () => {
  for (const argument of [new Uint8Array(1), { [undecodableKey]: 'x', by: 'ann' }])
    expect(parseReject([argument])).toEqual({ kind: 'reject' });
  expect(parseReject(['too many'])).toEqual({ kind: 'reject', reason: 'too many' });
});

it('A decision has no keys for absent fields', () => {
  expect(parseApprove([{ revision: '123456789012' }])).toStrictEqual({
    kind: 'approve',
    revision: '123456789012',
  });
  expect(parseReject([{ by: 'ann' }])).toStrictEqual({ kind: 'reject', by: 'ann' });
});

it('A decision is about no body with other digits, or another number of digits', () => {
  const sha256 = `${'ab'.repeat(31)}cd`;
  for (const revision of [
    '',
    sha256.slice(0, 13),
    sha256.slice(0, 63),
    sha256.slice(-12),
    'b'.repeat(12),
    `${sha256.slice(0, 63)}c`,
  ])
    expect(isAbout(revision, sha256)).toBe(false);
});
