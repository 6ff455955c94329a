import { isUtf8 } from 'node:buffer';
import type { Reference } from './reference-json';

/**
 * Holds the place where the reference says that a text cannot go on to what Node itself knows:
 * - the bytes before it are the beginning of a JSON text: with the completion `JSON.parse` takes them;
 * - the byte there is wrong: V8 names the same place where it names one, else the same character; it does not miss an end;
 * - where the byte is bad UTF-8, the decoder takes what stands before it and refuses it.
 * @throws a sentence.
 */
export function checkWithV8(
  body: Buffer,
  { kind, at, completion }: Exclude<Reference, { kind: 'whole' }>,
): void {
  if (kind === 'key-twice') return; // JSON knows no such fault
  const before = body.subarray(0, at);
  if (faultOf(Buffer.concat([before, completion])) !== undefined)
    throw new Error(`The bytes before ${at} can go on in no way.`);
  if (kind === 'bad-utf8') return checkDecoder(before, body.subarray(0, at + 1));
  if (kind === 'too-deep' || !isUtf8(body)) return;
  checkMessage(faultOf(body), body, at, kind === 'cut-off');
}

function checkMessage(message: string | undefined, body: Buffer, at: number, isCutOff: boolean): void {
  if (message === undefined) throw new Error(`JSON.parse takes the text, the reference stops at byte ${at}.`);
  const named = /at position (\d+)/.exec(message)?.[1];
  if (named !== undefined) {
    const place = Buffer.byteLength(body.toString().slice(0, Number(named)));
    if (place !== at) throw new Error(`V8 says byte ${place}, the reference ${at}: ${message}`);
    return;
  }
  if (message.includes('end of JSON input') !== isCutOff)
    throw new Error(`At byte ${at} V8 says: ${message}`);
  const token = /^Unexpected token '(.)'/su.exec(message)?.[1];
  if (token !== undefined && !body.subarray(at).toString().startsWith(token))
    throw new Error(`Another byte than ${at}: ${message}`);
}

function checkDecoder(before: Buffer, bad: Buffer): void {
  if (!beginsUtf8(before) || beginsUtf8(bad))
    throw new Error(`The decoder does not find byte ${before.length} to be bad.`);
}

function faultOf(bytes: Buffer): string | undefined {
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
