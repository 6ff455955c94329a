import { escapeUnstorable } from '../../text/printable';

/**
 * Formats one row of RFC 4180 CSV. A spreadsheet may split the file at semicolons or tabs instead of commas, and
 * then a quoted cell does not stay whole. So every place where any of them, or a line end, would begin a cell
 * gets an apostrophe if the text after it would be run as a formula (OWASP, CSV Injection). Characters that a reader
 * loses are escaped: LibreOffice drops NUL, and then runs what follows.
 */
export function csvLine(values: readonly (string | number | boolean | undefined)[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}

/**
 * Formats a list as JSON for one cell. Escapes the signs that `csvLine` would put an apostrophe before, so that
 * the cell stays JSON and every item is exact.
 */
export function csvList(items: readonly (string | number)[]): string {
  return JSON.stringify(items).replace(signAfterSeparator, (_, before: string, sign: string) => {
    return `${before}\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Full-width signs count too, because they start formulas where people write full-width characters. */
const sign = '[=+\\-@＝＋－＠]';
/** What a reader may drop before a sign. It has no separator, so that the search takes linear time. */
const dropped = '(?:"|[^\\S\\t\\r\\n])*';
const signAfterSeparator = new RegExp(`([,;]${dropped})(${sign})`, 'g');
const formulaStart = new RegExp(`(^|[,;\\t\\r\\n])(?=${dropped}${sign})`, 'g');
/** Whether `guard` changes a text. Most cells are plain, and this is faster. */
const needsGuard = new RegExp(`^${dropped}${sign}|[,;\\t\\r\\n]`);

function csvCell(value: string | number | boolean | undefined): string {
  const text = escapeUnstorable(String(value ?? ''));
  const guarded = needsGuard.test(text) ? guard(text) : text;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** Some spreadsheets drop a tab or a line end at the start of a cell, and then run what follows. */
function guard(text: string): string {
  const guarded = text.replace(formulaStart, "$1'");
  return /^[\t\r\n]/.test(guarded) ? `'${guarded}` : guarded;
}
