import fc from 'fast-check';

/** A hostile body and how it is split. */
export interface HostileBody {
  readonly body: Buffer;
  /** Ascending offsets where one chunk ends and the next begins. */
  readonly cuts: readonly number[];
}

/**
 * Inserted into bodies: every token of JSON, text that looks like one, halves of characters, and the
 * envelope's keys.
 */
const pieces = [
  '',
  ',',
  ',,',
  ':',
  '{',
  '}',
  '[',
  ']',
  '[]',
  '{}',
  '"',
  "'",
  '\\',
  '\\u',
  '\\ud800',
  '\\u0065',
  '\\x',
  '0',
  '-',
  '-0',
  '01',
  'e',
  'E+',
  '.',
  '+',
  '1.5',
  '1e',
  '9007199254740993',
  'null',
  'nul',
  'true',
  'false',
  'NaN',
  '-Infinity',
  'undefined',
  ' ',
  '\n',
  '\u0001',
  '\u0000',
  '\u00a0',
  '\u2028',
  '\ufeff',
  'é',
  '😀',
  '//',
  '/**/',
  '"a":',
  '"a":1,',
  '"event":"x"',
  '"__proto__":{}',
  '"constructor":1',
  '"issue":{}',
  '"id":7',
  '"elements":[1]',
  '"elements":',
  '"issue_name":"n"',
  '"project":"p"',
  '"\\u0069ssue":',
  '['.repeat(70),
  '{"a":'.repeat(70),
].map((piece) => Buffer.from(piece));
const oddBytes = [
  [0x80],
  [0xbf],
  [0xc0, 0xaf],
  [0xc2],
  [0xe0, 0x80],
  [0xe2, 0x82],
  [0xed, 0xa0, 0x80],
  [0xef, 0xbb, 0xbf],
  [0xf0, 0x9f],
  [0xf4, 0x90],
  [0xff],
];
const inserts = [...pieces, ...oddBytes.map((bytes) => Buffer.from(bytes))];

/**
 * Takes a body of the corpus, or generates a body from a list of numbers (the tape). Then mutates it up to four
 * times and splits it.
 */
export function hostileBody(corpus: readonly Buffer[]): fc.Arbitrary<HostileBody> {
  const number = fc.nat(0xffff);
  const change = fc.tuple(fc.nat(changes.length - 1), number, fc.nat(0xff));
  return fc
    .tuple(
      fc.nat(2 * corpus.length),
      fc.array(number, { maxLength: 40 }),
      fc.array(change, { maxLength: 4 }),
      fc.array(number, { maxLength: 6 }),
    )
    .map(([pick, tape, toChange, cuts]) => {
      const seed = corpus[pick] ?? Buffer.from(bodyFrom(tape));
      const body = toChange.reduce(
        (bytes, [kind, where, what]) => changes[kind]!(bytes, where % (bytes.length + 1), what),
        seed,
      );
      return { body, cuts: placeCuts(body.length, cuts) };
    });
}

/** Six numbers mean a split after every byte. */
function placeCuts(length: number, cuts: readonly number[]): number[] {
  if (cuts.length === 6) return Array.from({ length }, (_, at) => at);
  return cuts.map((cut) => cut % (length + 1)).sort((a, b) => a - b);
}

const changes: readonly ((bytes: Buffer, at: number, what: number) => Buffer)[] = [
  (bytes, at, what) =>
    Buffer.concat([bytes.subarray(0, at), inserts[what % inserts.length]!, bytes.subarray(at)]),
  (bytes, at, what) =>
    Buffer.concat([bytes.subarray(0, at), inserts[what % inserts.length]!, bytes.subarray(at + 1)]),
  (bytes, at, what) => Buffer.concat([bytes.subarray(0, at), Buffer.from([what]), bytes.subarray(at + 1)]),
  (bytes, at, what) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + (what % 8))]),
  (bytes, at, what) =>
    // Repeats a part of the body.
    Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - what)), bytes.subarray(at)]),
  (bytes, at, what) => (what < 64 ? bytes.subarray(0, at) : bytes),
  (bytes, at, what) => (what < 16 ? bytes.subarray(at) : bytes),
];

/** Generates JSON, most often a delivery. Each choice takes the next number of the tape, and 0 after its end. */
function bodyFrom(tape: readonly number[]): string {
  let next = 0;
  const choose = (choices: number): number => (tape[next++] ?? 0) % choices;
  const some = (choices: number, make: () => string): string =>
    Array.from({ length: choose(choices) }, make).join(',');
  const value = (depth: number): string => {
    const kind = choose(depth > 5 ? 5 : 7);
    if (kind === 5) return `[${space()}${some(4, () => value(depth + 1))}]`;
    if (kind === 6) return `{${some(4, () => `${string()}${space()}:${value(depth + 1)}`)}}`;
    return kind === 4 ? string() : scalars[choose(scalars.length)]!;
  };
  const string = (): string => strings[choose(strings.length)]!;
  const space = (): string => ['', ' ', '\n', '\t\r '][choose(4)]!;
  const element = (): string =>
    choose(2) === 0 ? `{"issue_name":${string()},"element_id":${value(4)}}` : value(3);
  const inIssue = [
    () => `"id":${choose(4) === 0 ? value(2) : '"i"'}`,
    () => `"elements":[${some(5, element)}]`,
    () => `${string()}:${value(2)}`,
  ];
  const inEnvelope = [
    () => `"event":${choose(3) === 0 ? string() : '"issue-exported"'}`,
    () => `${['"project"', '"project_name"', '"projectName"'][choose(3)]}:${string()}`,
    () => `"issue":{${shuffled(inIssue)}}`,
    () => `${string()}:${value(1)}`,
  ];
  const shuffled = (parts: readonly (() => string)[]): string => {
    const first = choose(parts.length);
    return [...parts.slice(first), ...parts.slice(0, first)].map((part) => `${space()}${part()}`).join(',');
  };
  return choose(8) === 7 ? value(0) : `${space()}{${shuffled(inEnvelope)}}`;
}

const scalars = ['0', '-0', '1', '-1.5e+3', '1E-7', '9007199254740993', '1e400', 'true', 'false', 'null'];
const strings = [
  '"p"',
  '""',
  '"a"',
  '"é😀"',
  '"\\u00e9\\n\\/"',
  '"\\ud83d\\ude00"',
  '"\\ud800"',
  '"__proto__"',
  '"constructor"',
  '"elements"',
  '"issue"',
  '"\\u0065vent"',
  '"\\u0000"',
  '"issue-update"',
];
