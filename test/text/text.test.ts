import { cutToBytes, cutToUnits, cutWithEllipsis, utf8Length } from '../../src/text/cut';
import { hasControlCharacter, printable, printableJson } from '../../src/text/printable';
import { hostileNames, ofBytes, unprintable } from '../support/hostile-names';

const names = hostileNames.map(({ what, text }) => [what, text] as const);

describe('cutToBytes', () => {
  it.each([1, 2, 3, 4] as const)('cuts characters of %d bytes at 200 bytes, never inside one', (size) => {
    const cut = cutToBytes(ofBytes(2049, size), 200);
    expect(Buffer.byteLength(cut)).toBeGreaterThan(200 - size);
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(200);
    expect(cut).not.toContain('\uFFFD');
    expect(ofBytes(2049, size).startsWith(cut)).toBe(true);
  });

  it.each(names)('makes UTF-8 without NUL of %s', (_, text) => {
    const cut = cutToBytes(text, 200);
    expect(Buffer.from(cut, 'utf8').toString('utf8')).toBe(cut);
    expect(cut).not.toContain('\0');
    expect(utf8Length(cut)).toBe(Buffer.byteLength(cut));
    expect(utf8Length(cut)).toBeLessThanOrEqual(200);
  });

  it('replaces a lone surrogate and NUL by U+FFFD, and counts its bytes', () => {
    expect(cutToBytes('a\0\uD83Db', 7)).toBe('a\uFFFD\uFFFD');
    expect(cutToBytes('a\0b', 3)).toBe('a');
  });
});

it('cutToUnits never leaves half of a surrogate pair', () => {
  expect(cutToUnits('a😀', 3)).toBe('a😀');
  expect(cutToUnits('a😀', 2)).toBe('a');
  expect(cutToUnits('😀a😀', 3)).toBe('😀a');
});

it('cutToUnits leaves a text that fits unchanged', () => {
  for (const most of [2, 3]) expect(cutToUnits('a\ud83d', most)).toBe('a\ud83d');
});

describe('printable', () => {
  it.each(names)('makes one harmless line of %s', (_, text) => {
    const shown = printable(text);
    expect(shown).not.toMatch(unprintable);
    expect(printable(shown)).toBe(shown);
    if (!unprintable.test(text)) expect(shown).toBe(text);
  });

  it('escapes characters like JSON', () => {
    expect(printable('\x1B[31m\u202E\u{E0061}\uD83D')).toBe('\\u001b[31m\\u202e\\udb40\\udc61\\ud83d');
  });
});

it('printableJson does not change the value of the JSON', () => {
  const value = Object.fromEntries(hostileNames.map(({ text }) => [text, [text]]));
  for (const json of [JSON.stringify(value), JSON.stringify(value, undefined, '\t')]) {
    expect(JSON.parse(printableJson(json))).toEqual(value);
    expect(printableJson(json).replace(/[\t\n]/g, '')).not.toMatch(unprintable);
  }
});

/** The first and last character of each length in UTF-8. */
const edges = [
  '\u0001',
  '\u007f',
  '\u0080',
  '\u07ff',
  '\u0800',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '\u{10ffff}',
];

it('cutWithEllipsis marks a text that it cut, within the limit and never inside a character', () => {
  expect(cutWithEllipsis('abc', 3)).toBe('abc');
  expect(cutWithEllipsis('abcd', 3)).toBe('ab…');
  expect(cutWithEllipsis('a😀bc', 3)).toBe('a…');
});

it('utf8Length counts a lone surrogate as the three bytes of its replacement', () => {
  for (const text of [...edges, edges.join(''), '', '\ud800', 'a\udfffb', '\udc00\ud800'])
    expect(utf8Length(text)).toBe(Buffer.byteLength(text));
});

it('cutToBytes cuts to the limit, never inside a character', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7, 8].map((bytes) => cutToBytes('aé😀b', bytes))).toEqual([
    '',
    'a',
    'a',
    'aé',
    'aé',
    'aé',
    'aé',
    'aé😀',
    'aé😀b',
  ]);
  for (const text of edges)
    expect([
      cutToBytes(text, Buffer.byteLength(text)),
      cutToBytes(text, Buffer.byteLength(text) - 1),
    ]).toEqual([text, '']);
  expect(cutToBytes('', 0)).toBe('');
});

it('cutToBytes stops at the first character that does not fit, even if the next one would fit', () => {
  expect(cutToBytes('a😀b', 3)).toBe('a');
});

it('cutToBytes replaces a lone surrogate by U+FFFD, which UTF-8 can carry', () => {
  expect(cutToBytes('a\ud800b\udfffc', 100)).toBe('a\ufffdb\ufffdc');
  expect(cutToBytes('\ud800', 2)).toBe('');
});

it('hasControlCharacter finds C0, DEL and C1 characters, and no others', () => {
  for (const text of ['\u0000', '\n', '\u001f', '\u007f', '\u0080', '\u009f', 'a\u0085b'])
    expect(hasControlCharacter(text)).toBe(true);
  for (const text of ['', ' ', '~', '\u00a0', 'é', '\u2028', '\u202e', '😀'])
    expect(hasControlCharacter(text)).toBe(false);
});
