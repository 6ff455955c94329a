import {
  parseApprove,
  parseDecisionStrictly,
  parseReject,
  parseResume,
  undecodableKey,
} from '../../src/decisions/parse-decision';
import { isAbout } from '../../src/domain/revision';

const hint = 'put any other text into {"reason":"…"}';
const revision = 'abcdef012345';

/** A value as JSON, quoted `times` times. */
function quoted(value: unknown, times: number): unknown {
  return times === 0 ? value : quoted(JSON.stringify(value), times - 1);
}

/** The log shows the word of a bare yes as its reason. */
const wordAsReason = (yes: unknown) => (typeof yes === 'string' ? { reason: yes } : {});

const bareYeses: unknown[] = [
  null,
  true,
  [],
  'approve',
  'approved',
  'yes',
  'y',
  'ok',
  {},
  { approved: true },
];

it('Each form of a plain yes approves, also as JSON quoted once or twice', () => {
  expect(parseApprove([])).toStrictEqual({ kind: 'approve' });
  expect(parseApprove([undefined])).toStrictEqual({ kind: 'approve' });
  for (const yes of [...bareYeses, { decision: 'approve' }, { decision: 'approve', approved: true }])
    for (const times of [0, 1, 2])
      expect([yes, times, parseApprove([quoted(yes, times)])]).toStrictEqual([
        yes,
        times,
        { kind: 'approve', ...wordAsReason(yes) },
      ]);
});

it('An approval with every key is read, also as JSON quoted once or twice', () => {
  const fields = { revision, by: 'ann', reason: 'ok', upTo: 12, plan: '0123456789ab' };
  for (const times of [0, 1, 2])
    expect(parseApprove([quoted(fields, times)])).toStrictEqual({ kind: 'approve', ...fields });
});

it.each<[string, unknown[]]>([
  ['a misspelt upTo', [{ upto: 1 }]],
  ['up_to', [{ up_to: 1 }]],
  ['a list with an object', [[{ upTo: 1 }]]],
  ['a list with false', [[false]]],
  ['a list with true', [[true]]],
  ['a second argument', [{ revision }, { upTo: 1 }]],
  ['a second argument that is null', [null, null]],
  ['a misspelt revision', [{ Revision: '000000000000' }]],
  ['approve: false', [{ approve: false }]],
  ['approve: true', [{ approve: true }]],
  ['approved: 0', [{ approved: 0 }]],
  ['approved: "yes"', [{ approved: 'yes' }]],
  ['approved: false', [{ approved: false }]],
  ['decision: rejected', [{ decision: 'rejected' }]],
  ['decision: reject', [{ decision: 'reject' }]],
  ['false', [false]],
  ['0', [0]],
  ['1', [1]],
  ['a text', ['not yet']],
  ['another text', ['looks good']],
  ['a yes with more words', ['yes please']],
  ['an empty text', ['']],
  ['spaces', ['  ']],
  ['a no', [' NO ']],
  ['quoted false', ['false']],
  ['a no quoted twice', ['"\\"no\\""']],
  ['a yes quoted three times', [quoted('yes', 3)]],
  ['an object quoted three times', [quoted({ revision }, 3)]],
  ['an empty key', [{ '': 'x' }]],
  ['a key of a later version', [{ revision, selection: 'ab' }]],
  ['a record', [{ revision, record: '0a' }]],
  ['a prototype', [JSON.parse('{"__proto__":{"approved":false}}')]],
  ['a short revision', [{ revision: 'abc' }]],
  ['an empty revision', [{ revision: '' }]],
  ['a revision that is a list', [{ revision: [revision] }]],
  ['a name that is not text', [{ by: 7 }]],
  ['a blank name', [{ by: ' ' }]],
  ['a reason that is not text', [{ reason: ['x'] }]],
  ['a long reason', [{ reason: 'x'.repeat(2001) }]],
  ['a short plan', [{ plan: '0123' }]],
  ['upTo 0', [{ upTo: 0 }]],
  ['upTo null', [{ upTo: null }]],
  ['a revision and upTo null', [{ revision, upTo: null }]],
  ['upTo twice, the second null', ['{"upTo":1,"upTo":null}']],
  ['an upTo that is not a number in JSON', [JSON.stringify({ upTo: NaN })]],
  ['a revision that is null', [{ revision: null }]],
  ['a plan that is null', [{ upTo: 1, plan: null }]],
  ['a decision that is null', [{ decision: null }]],
  ['approved: null', [{ approved: null }]],
  ['a name that is null', [{ by: null }]],
  ['a reason that is null', [{ reason: null }]],
  ['upTo 1.5', [{ upTo: 1.5 }]],
  ['undecodable content', [{ [undecodableKey]: 'Unknown encoding: foo' }]],
  ['bytes', [new Uint8Array([1])]],
])('An approval with %s decides nothing', (_name, args) => {
  expect(parseApprove(args).kind).toBe('nothing');
});

it('An approval reads a revision in upper case, and one of decimal digits that lost its quotes', () => {
  expect(parseApprove([{ revision: ' ABCDEF012345 ', upTo: '12' }])).toEqual({
    kind: 'approve',
    revision,
    upTo: 12,
  });
  expect(parseApprove([{ revision: 123456789012 }])).toMatchObject({ revision: '123456789012' });
});

describe('parseResume', () => {
  it('Each form of a plain yes resumes', () => {
    const yeses = [null, true, [], {}, 'resume', 'resumed', 'yes', 'y', 'ok'];
    for (const times of [0, 1, 2])
      for (const yes of yeses)
        expect(parseResume([quoted(yes, times)])).toStrictEqual({
          kind: 'resume',
          isForDestination: false,
          ...wordAsReason(yes),
        });
    expect(parseResume([])).toStrictEqual({ kind: 'resume', isForDestination: false });
  });

  it('A resume reads its sender, its reason, its proof and what it waits for', () => {
    const fields = { by: 'ann', reason: 'fixed', record: '0a', waitingFor: 'destination' };
    for (const times of [0, 1, 2])
      expect(parseResume([quoted(fields, times)])).toStrictEqual({
        kind: 'resume',
        isForDestination: true,
        by: 'ann',
        reason: 'fixed',
        record: '0a',
      });
  });

  it.each<[string, unknown[]]>([
    ['false', [false]],
    ['a no', ['no']],
    ['a text', ['not yet']],
    ['a word that approves', ['approve']],
    ['an unknown key', [{ after: 'lunch' }]],
    ['an upTo', [{ upTo: 3 }]],
    ['something unknown that it waits for', [{ waitingFor: 'tomorrow' }]],
    ['a second argument', [{}, {}]],
    ['a name that is not text', [{ by: 7 }]],
    ['a reason that is not text', [{ reason: 7 }]],
    ['a path as its proof', [{ record: '../x' }]],
    ['a name that is null', [{ by: null }]],
    ['a null that it waits for', [{ waitingFor: null }]],
    ['undecodable content', [{ [undecodableKey]: 'x' }]],
  ])('A resume with %s changes nothing', (_name, args) => {
    expect(parseResume(args).kind).toBe('nothing');
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
  const args = [
    [false],
    [new Uint8Array(1)],
    [{ upTo: -1 }],
    [{ upTo: null }],
    [{ plan: null }],
    [{ upto: 1 }],
    [{ after: 1 }],
    ['not yet'],
    [7],
    [1, 2],
  ];
  expect(args.map(parseApprove)).toEqual(
    [
      `its content means no; use the signal reject to reject, and ${hint}`,
      `its content cannot be decoded; send JSON, and ${hint}`,
      `expected upTo to be a whole number from 1 to the number of labels in the plan, and only with approve; ${hint}`,
      `expected upTo to be a whole number from 1; leave the key out to approve all labels; ${hint}`,
      `expected plan to have a value, got null; leave the key out if there is none; ${hint}`,
      `expected upTo, and not upto: without upTo, all labels would be approved; ${hint}`,
      `expected only the keys decision, approved, revision, by, reason, upTo, plan, got "after"; ${hint}`,
      `expected approve, approved, yes, y, ok or an object, got "not yet"; ${hint}`,
      `expected approve, approved, yes, y, ok or an object, got a number; ${hint}`,
      `expected one argument, got 2; ${hint}`,
    ].map((why) => ({ kind: 'nothing', why })),
  );
});

it.each([
  ['1', 1],
  ['999999999', 999_999_999],
  [1, 1],
  [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
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

it('A rejection cuts a name and a reason to their limits; a value that is not text becomes a phrase', () => {
  expect(parseReject(['x'.repeat(2001)])).toEqual({ kind: 'reject', reason: 'x'.repeat(2000) });
  expect(parseReject([{ by: 'x'.repeat(2001), reason: [], revision: ' AB ' }])).toEqual({
    kind: 'reject',
    by: 'x'.repeat(200),
    reason: '(not text)',
    revision: 'ab',
  });
  expect(parseReject([{ by: NaN, reason: null }])).toEqual({ kind: 'reject', by: '(not text)' });
  expect(parseReject(['  '])).toEqual({ kind: 'reject' });
  expect(parseReject([quoted({ by: 'ann' }, 3)])).toEqual({ kind: 'reject', by: 'ann' });
});

it('The API and the update refuse every key that they do not know, and every approval that is not true', () => {
  const yes = { decision: 'approve', revision, by: 'ann' };
  for (const from of ['api', 'update'] as const) {
    expect(parseDecisionStrictly({ ...yes, approved: true, plan: '0123456789ab' }, from)).toMatchObject({
      kind: 'decision',
      plan: '0123456789ab',
    });
    for (const [change, field] of [
      [{ upto: 1 }, 'upTo'],
      [{ Revision: revision }, 'key'],
      [{ approve: true }, 'key'],
      [{ selection: 'ab' }, 'key'],
      [{ approved: false }, 'decision'],
      [{ approved: true, decision: 'reject' }, 'decision'],
      [{ plan: 12 }, 'plan'],
      [{ plan: null }, 'plan'],
      [{ upTo: null }, 'upTo'],
      [{ revision: null }, 'revision'],
      [{ approved: null }, 'decision'],
      [{ reason: null }, 'reason'],
    ] as const)
      expect(parseDecisionStrictly({ ...yes, ...change }, from)).toMatchObject({ kind: 'invalid', field });
  }
  expect(parseDecisionStrictly({ ...yes, record: '0a' }, 'api')).toMatchObject({
    kind: 'invalid',
    field: 'key',
  });
});

it('A reject that cannot be decoded is still a no, without a reason', () => {
  for (const argument of [new Uint8Array(1), { [undecodableKey]: 'x', by: 'ann' }])
    expect(parseReject([argument])).toEqual({ kind: 'reject' });
  expect(parseReject(['too many'])).toEqual({ kind: 'reject', reason: 'too many' });
});

it('A decision has no keys for absent fields', () => {
  const absent = { upTo: undefined, plan: undefined, by: undefined };
  expect(parseApprove([{ revision: '123456789012', ...absent }])).toStrictEqual({
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
