import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvLine, csvList } from '../../src/activities/report/csv-line';
import { formulasIn } from '../support/csv-readers';

it('A CSV line quotes commas, quotes and line ends', () => {
  expect(csvLine(['a,b', 'say "x"', 'two\r\nlines', 3, true, undefined])).toBe(
    '"a,b","say ""x""","two\r\nlines",3,true,\r\n',
  );
});

it.each(['=1+1', '+1', '-1', '@SUM', '\tx', '\rx', '\nx', '＝1+1', '＋1', '－1', '＠SUM', ' =1', '"=1"'])(
  'A CSV line puts an apostrophe before %p, which a spreadsheet would run',
  (text) => {
    expect(csvLine([text])).toMatch(/^"?'/);
  },
);

it.each([
  ['car;=1+1;x', "car;'=1+1;x"],
  ['car\t@SUM(1)', "car\t'@SUM(1)"],
  ['a,-2+3', `"a,'-2+3"`],
  ['a\n+1', `"a\n'+1"`],
  ['a;"=1"', `"a;'""=1"""`],
  ['a; ＝1', "a;' ＝1"],
  ['\r=1', `"'\r'=1"`],
])('A CSV line puts an apostrophe into %p, where a reader may split it', (text, expected) => {
  expect(csvLine([text])).toBe(`${expected}\r\n`);
});

it.each([
  ['\0=1+1', '\\u0000=1+1'],
  ['a;\0=1+1', 'a;\\u0000=1+1'],
])('A CSV line escapes the U+0000 in %j, which a spreadsheet drops', (text, expected) => {
  expect(csvLine([text])).toBe(`${expected}\r\n`);
});

it.each(['a-b', 'a=b', 'a;b', 'x@example.com', "it's", '000008', '7e10', 'NA', 'café', '👩‍👩‍👧'])(
  'A CSV line keeps %p unchanged',
  (text) => {
    expect(csvLine([text])).toBe(`${text}\r\n`);
  },
);

const hostileText = fc.string({
  unit: fc.constantFrom(
    '=',
    '+',
    '-',
    '@',
    '＝',
    ',',
    ';',
    '\t',
    '\n',
    '\r',
    '"',
    "'",
    ' ',
    '\u00A0',
    '\0',
    '\u0007',
    '\uFFFE',
    'a',
    '1',
    '\uD83D',
    '\0',
  ),
});

it('No reader finds a formula in any cell, whether it splits at commas, semicolons or tabs', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(hostileText, hostileText, fc.array(hostileText)), { minLength: 1 }),
      (rows) => {
        const text = rows.map(([a, b, list], at) => csvLine([at, a, b, csvList(list)])).join('');
        expect(formulasIn(text)).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});

it('A list in a cell is JSON with the exact items', () => {
  fc.assert(
    fc.property(fc.array(hostileText), (list) => {
      const [[cell = ''] = []] = parse(csvLine([csvList(list)]), { record_delimiter: '\r\n' });
      expect(JSON.parse(cell)).toEqual(list);
    }),
  );
});

it('A lone surrogate is escaped, so that two ids stay two', () => {
  expect(csvLine(['a\uD83D', '\uDE00b', 'whole 😀'])).toBe('a\\ud83d,\\ude00b,whole 😀\r\n');
});

it.each([
  ['\0=1+1', '\\u0000=1+1'],
  ['a;\0=1+1', 'a;\\u0000=1+1'],
  [' \0\0@x', ' \\u0000\\u0000@x'],
  ['\u0007=1', '\\u0007=1'],
  ['\u001b+1', '\\u001b+1'],
  ['\uFFFE-1', '\\ufffe-1'],
])('A CSV line escapes the character in %j that a reader may drop before a formula', (text, expected) => {
  expect(csvLine([text])).toBe(`${expected}\r\n`);
});

it('A text of a million separators is formatted in linear time', () => {
  const text = ';'.repeat(1_000_000) + ' '.repeat(1_000_000) + '\n'.repeat(1_000_000);
  expect(csvLine([text]).length).toBe(text.length + 4);
});
