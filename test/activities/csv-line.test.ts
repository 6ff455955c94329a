import { csvLine } from '../../src/activities/report/csv-line';

it('A CSV line quotes commas, quotes and line ends', () => {
  expect(csvLine(['a,b', 'say "x"', 'two\r\nlines', 3, true, undefined])).toBe(
    '"a,b","say ""x""","two\r\nlines",3,true,\r\n',
  );
});

it.each(['=1+1', '+1', '-1', '@SUM', '\tx', '\rx', '\nx', '＝1+1', '＋1', '－1', '＠SUM'])(
  'A CSV line puts an apostrophe before %p, which a spreadsheet would run',
  (text) => {
    expect(csvLine([text])).toMatch(/^"?'/);
  },
);
