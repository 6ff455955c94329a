import { isUtf8 } from 'node:buffer';
import type { Reference } from './reference-json';

/**
 * Checks the place where the reference stops against Node itself:
 * - the bytes before it begin a JSON text: `JSON.parse` takes them together with the completion;
 * - the byte at that place is wrong: V8 names the same place, or the same character when it names no place;
 * - when that byte is bad UTF-8, the decoder takes the bytes before it and refuses this one.
 * @throws {Error} when Node disagrees.
 */
export function checkWithV8(
  body: Buffer,
  { kind, at, completion }: Exclude<Reference, { kind: 'whole' }>,
): void {
  if (kind === 'key-twice') return; // JSON allows it
  const before = body.subarray(0, at);
  if (parseError(Buffer.concat([before, completion])) !== undefined)
    throw new Error(`The bytes before ${at} don't begin a JSON text.`);
  if (kind === 'bad-utf8') return checkDecoder(before, body.subarray(0, at + 1));
  if (kind === 'too-deep' || !isUtf8(body)) return;
  checkMessage(parseError(body), body, at, kind === 'cut-off');
}

function checkMessage(message: string | undefined, body: Buffer, at: number, isCutOff: boolean): void {
  if (message === undefined) throw new Error(`JSON.parse takes the text, the reference stops at byte ${at}.`);
  const named = /at position (\d+)/.exec(message)?.[1];
  if (named !== undefined) {
    const place = Buffer.byteLength(body.toString().slice(0, Number(named)));
    if (place !== at) throw new Error(`V8 stops at byte ${place}, the reference at ${at}: ${message}`);
    return;
  }
  if (message.includes('end of JSON input') !== isCutOff)
    throw new Error(`V8 and the reference disagree at byte ${at}: ${message}`);
  const token = /^Unexpected token '(.)'/su.exec(message)?.[1];
  if (token !== undefined && !body.subarray(at).toString().startsWith(token))
    throw new Error(`V8 names another byte than ${at}: ${message}`);
}

function checkDecoder(before: Buffer, bad: Buffer): void {
  if (!beginsUtf8(before) || beginsUtf8(bad))
    throw new Error(`The decoder takes byte ${before.length} as valid UTF-8.`);
}

function parseError(bytes: Buffer): string | undefined {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function beginsUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
