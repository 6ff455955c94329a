import { printableJson } from '../../text/printable';

/** JSON on one line. Escapes characters that could control a terminal; the parsed value stays the same. */
export function jsonLine(value: unknown): string {
  return printableJson(JSON.stringify(value));
}
