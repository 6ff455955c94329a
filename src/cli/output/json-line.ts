import { printableJson } from '../../text/printable';

/** A value as JSON on one line. Read as JSON it is the same value; a terminal obeys nothing in it. */
export function jsonLine(value: unknown): string {
  return printableJson(JSON.stringify(value));
}
