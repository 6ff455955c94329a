import Table from 'cli-table3';
import { printable } from '../../text/printable';

/** cli-table3's names for its border characters. All are empty; two spaces separate the columns. */
const sides = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
] as const;
const inner = ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'] as const;
const borderless = { ...Object.fromEntries([...sides, ...inner].map((name) => [name, ''])), middle: '  ' };

/** Formats a table for a terminal, aligned by displayed width. Cells may be untrusted text. */
export function tableLines(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 0 };
  const table = new Table({ head: [...head], chars: borderless, style });
  table.push(...rows.map((row) => row.map((cell) => printable(cell))));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

/** Formats lines for another program, with tab-separated cells. Cells may be untrusted text. */
export function tabLines(rows: readonly (readonly string[])[]): string[] {
  return rows.map((row) => row.map((cell) => printable(cell)).join('\t'));
}
