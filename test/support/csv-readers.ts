import { parse } from 'csv-parse/sync';

/** Splits a CSV text into rows of cells, as one kind of program does. */
type CsvReader = (text: string, delimiter: string) => string[][];

/** Programs that read CSV. They disagree about the text when it is split at another character than a comma. */
const csvReaders: Readonly<Record<string, CsvReader>> = {
  'a parser': parseLeniently,
  'a spreadsheet': readLikeSpreadsheet,
  'a spreadsheet that drops U+0000': (text, delimiter) =>
    readLikeSpreadsheet(text.replaceAll('\0', ''), delimiter),
  'a plain split': (text, delimiter) => text.split(/[\r\n]+/).map((line) => line.split(delimiter)),
};

/** A file that the parser refuses has no cells. */
function parseLeniently(text: string, delimiter: string): string[][] {
  try {
    return parse(text, {
      delimiter,
      relax_quotes: true,
      relax_column_count: true,
      record_delimiter: ['\r\n', '\n', '\r'],
    });
  } catch {
    return [];
  }
}

/** A quote counts only at the start of a cell. What follows the closing quote is part of the cell. */
function readLikeSpreadsheet(text: string, delimiter: string): string[][] {
  const rows: string[][] = [['']];
  let state: 'start' | 'plain' | 'quoted' = 'start';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    const row = rows.at(-1)!;
    if (state === 'quoted') {
      if (character !== '"') row[row.length - 1] += character;
      else if (text[at + 1] === '"') {
        row[row.length - 1] += '"';
        at += 1;
      } else state = 'plain';
    } else if (state === 'start' && character === '"') state = 'quoted';
    else if (character === delimiter) {
      row.push('');
      state = 'start';
    } else if (character === '\n' || character === '\r') {
      rows.push(['']);
      state = 'start';
    } else {
      row[row.length - 1] += character;
      state = 'plain';
    }
  }
  return rows;
}

/** What a spreadsheet would run, also behind quotes, spaces and characters that it may drop, as LibreOffice drops NUL. */
const formula = /^(?:["\s\p{Cc}\p{Cs}\uFFFE\uFFFF])*[=+\-@＝＋－＠]/u;

/** The cells that would be run as formulas, for each reader and each separator that spreadsheets use. */
export function formulasIn(text: string): string[] {
  return Object.entries(csvReaders).flatMap(([name, read]) =>
    [',', ';', '\t'].flatMap((delimiter) =>
      read(text, delimiter)
        .flat()
        .filter((cell) => formula.test(cell))
        .map((cell) => `${name} at ${JSON.stringify(delimiter)}: ${cell}`),
    ),
  );
}
