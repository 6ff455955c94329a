import { BodyError } from '../../src/export-body/body-error';
import { JsonScanner } from '../../src/export-body/json-scanner';

const silent = {
  keyStart: () => undefined,
  keyEnd: () => undefined,
  valueStart: () => undefined,
  valueEnd: () => undefined,
};

/** The error for a text that is split at `cuts`; undefined when the scanner takes it. */
function errorIn(bytes: Uint8Array, cuts: readonly number[] = []): BodyError | undefined {
  const scanner = new JsonScanner(silent, 3);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let at = 0;
  try {
    for (const end of ends) {
      scanner.push(bytes.subarray(at, end));
      at = end;
    }
    scanner.end();
    return undefined;
  } catch (error) {
    if (error instanceof BodyError) return error;
    throw error;
  }
}

const scanForError = (text: string | readonly number[], cuts?: readonly number[]) =>
  errorIn(Buffer.from(text as string), cuts);

/** The byte that the message names; -1 for the two messages that name none. */
const parsePosition = (error: BodyError | undefined) =>
  Number(/at byte (\d+)/.exec(error?.message ?? '')?.[1] ?? -1);

describe('JsonScanner', () => {
  it.each([
    '0',
    '-0',
    '-0.0e+00',
    '1E5',
    '[]',
    '{}',
    '""',
    'true',
    ' null\n',
    '[1,-2.5,"x"]',
    '"\\u00e9\\ud800\\/"',
    '{"":{"":[]}}',
    '"\u007f\u2028"',
  ])('takes %j, in one piece and byte by byte', (text) => {
    expect(scanForError(text)).toBeUndefined();
    expect(
      scanForError(
        text,
        [...text].map((_, at) => at),
      ),
    ).toBeUndefined();
  });

  it.each([
    ['two values', '{} {}', 3],
    ['two numbers', '1 2', 2],
    ['a doubled comma', '[1,,2]', 3],
    ['a comma first', '[,1]', 1],
    ['a trailing comma in an array', '[1,]', 3],
    ['a trailing comma in an object', '{"a":1,}', 7],
    ['a missing comma', '[1 2]', 3],
    ['a missing colon', '{"a" 1}', 5],
    ['a missing value', '{"a":}', 5],
    ['a key without quotes', '{a:1}', 1],
    ['a key that is a number', '{1:1}', 1],
    ['single quotes', "{'a':1}", 1],
    ['a wrong bracket', '[1}', 2],
    ['a bracket too many', '[]]', 2],
    ['NaN', '[NaN]', 1],
    ['Infinity', '[-Infinity]', 2],
    ['undefined', 'undefined', 0],
    ['a literal in capitals', 'True', 0],
    ['a literal with a letter too many', 'nulll', 4],
    ['a literal gone wrong', '[trux]', 4],
    ['a leading zero', '[01]', 2],
    ['a minus and a zero', '[-01]', 3],
    ['a plus', '[+1]', 1],
    ['a minus alone', '[-]', 2],
    ['a dot without digits', '[1.]', 3],
    ['a dot first', '[.5]', 1],
    ['an exponent without digits', '[1e]', 3],
    ['an exponent with a sign alone', '[1e+]', 4],
    ['a hexadecimal number', '[0x1]', 2],
    ['a line comment', '// x\n{}', 0],
    ['a block comment', '{/**/}', 1],
    ['a control character in a text', '["\u0001"]', 2],
    ['a line break in a text', '["\n"]', 2],
    ['a NUL between values', '[1\u0000]', 2],
    ['a space that JSON does not allow', '[\u00a01]', 1],
    ['a byte order mark between values', '[\ufeff1]', 1],
    ['an unknown escape', '["\\x"]', 3],
    ['an escape with bad digits', '["\\u00g0"]', 6],
    ['an escape that is cut off', '["\\u12"]', 6],
  ])('refuses %s at its first wrong byte, at every cut', (_, text, place) => {
    expect(scanForError(text)).toMatchObject({ status: 400, code: 'broken-json' });
    for (let cut = 0; cut <= text.length; cut += 1)
      expect(parsePosition(scanForError(text, [cut]))).toBe(place);
  });

  it.each([
    ['a continuation byte alone', [0x80], 0],
    ['an overlong slash', [0xc0, 0xaf], 0],
    ['an overlong form of three bytes', [0xe0, 0x80, 0xaf], 1],
    ['an overlong form of four bytes', [0xf0, 0x80, 0x80, 0xaf], 1],
    ['the first half of a surrogate pair', [0xed, 0xa0, 0x80], 1],
    ['the second half of a surrogate pair', [0xed, 0xbf, 0xbf], 1],
    ['a code point past U+10FFFF', [0xf4, 0x90, 0x80, 0x80], 1],
    ['a byte that is never a lead byte', [0xf5, 0x80, 0x80, 0x80], 0],
    ['0xFF', [0xff], 0],
    ['a character that is cut off by the quote', [0xe2, 0x82], 2],
    ['Latin-1', [0xe9, 0x74, 0xe9], 1],
  ])('refuses %s as bad UTF-8, at every cut', (_, bytes, place) => {
    const text = [0x5b, 0x22, ...bytes, 0x22, 0x5d];
    for (let cut = 0; cut <= text.length; cut += 1) {
      expect(scanForError(text, [cut])).toMatchObject({
        code: 'bad-utf8',
        message: `the body is not valid UTF-8 at byte ${place + 2}`,
      });
    }
  });

  it('takes the first and last character of each length of UTF-8, at every cut', () => {
    const text = Buffer.from('"\u0080\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}"');
    for (let cut = 0; cut <= text.length; cut += 1) expect(errorIn(text, [cut])).toBeUndefined();
  });

  it('names the end of a text that is cut off', () => {
    const text = Buffer.from('{"a\\u00e9":[true,-1.5e+3,"é😀\\n",null],"b":{"c":false}}');
    for (let length = 1; length < text.length; length += 1)
      expect(parsePosition(errorIn(text.subarray(0, length)))).toBe(length);
  });

  it('names a visible byte by its character, any other byte by its number', () => {
    const named = (byte: number) =>
      /unexpected (.*) at byte 1$/.exec(scanForError([0x5b, byte])?.message ?? '')?.[1];
    expect([0x01, 0x1f, 0x21, 0x7e, 0x7f, 0x80, 0xff].map(named)).toEqual([
      '0x01',
      '0x1f',
      '"!"',
      '"~"',
      '0x7f',
      '0x80',
      '0xff',
    ]);
    expect(scanForError('[- 1]')?.message).toBe('the body is not valid JSON: unexpected 0x20 at byte 2');
    expect(scanForError('["é\u0001"]')?.message).toBe(
      'the body is not valid JSON: unexpected 0x01 at byte 4',
    );
  });

  it.each([
    ['[NaN]', 'NaN at byte 1;'],
    ['[1,Infinity]', 'Infinity at byte 3;'],
    ['{"a":-Infinity}', '-Infinity at byte 6;'],
    ['NaN', 'NaN at byte 0;'],
  ])('names the number in %s that only Python writes, and what to set, at every cut', (text, named) => {
    for (let cut = 0; cut <= text.length; cut += 1) {
      const { code, message } = scanForError(text, [cut])!;
      expect({ code, message }).toMatchObject({
        code: 'broken-json',
        message: expect.stringMatching(/json\.dumps writes .* unless allow_nan=False is set/) as string,
      });
      expect(message).toContain(`is not valid JSON: ${named}`);
    }
  });

  it.each([
    ['[None]', '"N" at byte 1'],
    ['[Nan]', '"N" at byte 1'],
    ['[Infinite]', '"I" at byte 1'],
    ['[-Inf]', '"I" at byte 2'],
    ['[Na', '"N" at byte 1'],
    ['-Infinit', '"I" at byte 1'],
    ['[N\u00e9]', '"N" at byte 1'],
  ])('names the first letter in %s, which only begins like such a number, at every cut', (text, named) => {
    for (let cut = 0; cut <= text.length; cut += 1)
      expect(scanForError(text, [cut])?.message).toBe(`the body is not valid JSON: unexpected ${named}`);
  });

  it('has a message each for an empty body, a body of spaces and a byte order mark', () => {
    expect(scanForError('')).toMatchObject({
      status: 400,
      code: 'no-body',
      message: 'no payload body received',
    });
    expect(scanForError(' \n')).toMatchObject({
      code: 'broken-json',
      message: expect.stringContaining('unexpected end at byte 2'),
    });
    const message = 'the body begins with a byte order mark, which JSON does not allow';
    expect(scanForError('\ufeff{}')).toMatchObject({ status: 400, code: 'byte-order-mark', message });
  });

  it('takes 64 levels and refuses the 65th, in arrays and in objects', () => {
    expect(scanForError('['.repeat(64) + ']'.repeat(64))).toBeUndefined();
    expect(scanForError('{"a":'.repeat(63) + '[]' + '}'.repeat(63))).toBeUndefined();
    expect(scanForError('['.repeat(65))).toMatchObject({
      code: 'too-deep',
      message: 'the body is nested deeper than 64 levels, at byte 64',
    });
    expect(scanForError('{"a":'.repeat(65))).toMatchObject({
      code: 'too-deep',
      message: 'the body is nested deeper than 64 levels, at byte 320',
    });
  });
});

/**
 * The listener's calls for a text, or for the beginning of one, that is split at `cuts`: what, at which
 * depth, where.
 */
function listenerCalls(text: string, notifyDepth: number, cuts: readonly number[] = []): string[] {
  const calls: string[] = [];
  const record = (what: string) => (depth: number, at: number) => void calls.push(`${what} ${depth} ${at}`);
  const valueStart = (depth: number, type: string, at: number) => void calls.push(`${type} ${depth} ${at}`);
  const scanner = new JsonScanner(
    { keyStart: record('key'), keyEnd: record('key end'), valueStart, valueEnd: record('end') },
    notifyDepth,
  );
  const bytes = Buffer.from(text);
  let at = 0;
  for (const end of [...cuts, bytes.length]) {
    scanner.push(bytes.subarray(at, end));
    at = end;
  }
  try {
    scanner.end();
  } catch (error) {
    if (!(error instanceof BodyError)) throw error;
  }
  return calls;
}

describe('the listener of a JsonScanner', () => {
  const text = '{"k":[1,{"d":[2]}],"é":"x"}';
  const shallow = [
    'object 0 0',
    'key 1 1',
    'key end 1 4',
    'array 1 5',
    'end 1 18',
    'key 1 19',
    'key end 1 23',
    'string 1 24',
    'end 1 27',
    'end 0 28',
  ];

  it('gets where keys and values begin and end, at every cut', () => {
    for (let cut = 0; cut <= Buffer.byteLength(text); cut += 1)
      expect(listenerCalls(text, 1, [cut])).toEqual(shallow);
  });

  it('gets nothing deeper than `notifyDepth`', () => {
    expect(listenerCalls(text, 0)).toEqual(['object 0 0', 'end 0 28']);
    expect(listenerCalls(text, 1)).toEqual(shallow);
    expect(listenerCalls(text, 2).filter((line) => !shallow.includes(line))).toEqual([
      'number 2 6',
      'end 2 7',
      'object 2 8',
      'end 2 17',
    ]);
  });

  it('gets the end of a number at the end of the text only for a top-level number', () => {
    expect(listenerCalls('12', 1)).toEqual(['number 0 0', 'end 0 2']);
    expect(listenerCalls('[12', 1)).toEqual(['array 0 0', 'number 1 1']);
  });

  it.each([
    ['0', 'number'],
    ['-1', 'number'],
    ['12', 'number'],
    ['""', 'string'],
    ['true', 'true'],
    ['false', 'false'],
    ['null', 'null'],
    ['[]', 'array'],
    ['{}', 'object'],
  ])('gets the type of %s, alone and in an array', (value, type) => {
    expect(listenerCalls(value, 0)).toEqual([`${type} 0 0`, `end 0 ${value.length}`]);
    expect(listenerCalls(`[${value}]`, 1).slice(1, 3)).toEqual([`${type} 1 1`, `end 1 ${value.length + 1}`]);
  });
});
