/**
 * One line of RFC 4180 CSV. A text that a spreadsheet would take for a formula is led by an apostrophe; the
 * full-width signs are formulas where people write with them (OWASP, CSV Injection).
 */
export function csvLine(values: readonly (string | number | boolean | undefined)[]): string {
  return `${values.map((value) => (typeof value === 'string' ? csvCell(value) : String(value ?? ''))).join(',')}\r\n`;
}

function csvCell(text: string): string {
  const guarded = /^[=+\-@＝＋－＠\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
