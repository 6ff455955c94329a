import type { IncomingMessage } from 'node:http';
import { refuse } from '../http/refusal';

/** Checks the content headers before any byte of the body is read. @throws {Refusal} 413, 415 */
export function checkContent(request: IncomingMessage, maxBytes: number): void {
  const type = headerText(request, 'content-type');
  if (!isJson(type)) throw refuse('not-json', { type });
  const encoding = headerText(request, 'content-encoding').trim().toLowerCase();
  if (encoding !== '' && encoding !== 'identity') throw refuse('compressed', { encoding });
  if (Number(request.headers['content-length'] ?? 0) > maxBytes)
    throw refuse('body-too-large', { maxBytes, isDelivery: true });
}

/** All values of a header, joined: a header that was sent twice thus matches no expected value. */
function headerText(request: IncomingMessage, name: string): string {
  return (request.headersDistinct[name] ?? []).join(', ');
}

/** `application/json` with or without parameters; a charset must be UTF-8. */
function isJson(contentType: string): boolean {
  const [type = '', ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  if (type !== 'application/json') return false;
  return parameters
    .filter((parameter) => parameter.startsWith('charset'))
    .every((charset) => /^charset\s*=\s*"?utf-?8"?$/.test(charset));
}
