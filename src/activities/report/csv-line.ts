/**
 * Formats one row of RFC 4180 CSV. Text that a spreadsheet would treat as a formula gets a leading
 * apostrophe. Full-width signs count too, because they start formulas where people write full-width
 * characters (OWASP, CSV Injection).
 */
export function csvLine(values: readonly (string | number | boolean | undefined)[]): string {
  return `${values.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: string | number | boolean | undefined): string {
  if (typeof value !== 'string') return String(value ?? '');
  const guarded = /^[=+\-@＝＋－＠\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
