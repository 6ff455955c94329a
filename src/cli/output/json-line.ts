import { printableJson } from '../../text/printable';

/** A value as JSON on one line. Escapes what could control a terminal; the parsed value stays the same. */
export function jsonLine(value: unknown): string {
  return printableJson(JSON.stringify(value));
}
