import { cutToBytes, cutToUnits, printable, printableJson, utf8Length } from '../../src/domain/text';
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

  it('puts U+FFFD for a lone surrogate and for NUL, and counts it', () => {
    expect(cutToBytes('a\0\uD83Db', 7)).toBe('a\uFFFD\uFFFD');
    expect(cutToBytes('a\0b', 3)).toBe('a');
  });
});

test('cutToUnits never leaves half of a pair', () => {
  expect(cutToUnits('a😀', 3)).toBe('a😀');
  expect(cutToUnits('a😀', 2)).toBe('a');
});

describe('printable', () => {
  it.each(names)('makes one harmless line of %s', (_, text) => {
    const shown = printable(text);
    expect(shown).not.toMatch(unprintable);
    expect(printable(shown)).toBe(shown);
    if (!unprintable.test(text)) expect(shown).toBe(text);
  });

  it('writes what it hides as JSON would', () => {
    expect(printable('\x1B[31m\u202E\u{E0061}\uD83D')).toBe('\\u001b[31m\\u202e\\udb40\\udc61\\ud83d');
  });
});

test('printableJson leaves the value of a JSON text as it is', () => {
  const value = Object.fromEntries(hostileNames.map(({ text }) => [text, [text]]));
  for (const json of [JSON.stringify(value), JSON.stringify(value, undefined, '\t')]) {
    expect(JSON.parse(printableJson(json))).toEqual(value);
    expect(printableJson(json).replace(/[\t\n]/g, '')).not.toMatch(unprintable);
  }
});
