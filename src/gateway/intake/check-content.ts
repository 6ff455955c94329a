import type { IncomingMessage } from 'node:http';
import { refuse } from '../http/refusal';

/** Checks what the headers say of the body, before a byte of it is read. @throws {Refusal} 415, 413 */
export function checkContent(request: IncomingMessage, maxBytes: number): void {
  const type = only(request, 'content-type');
  if (!isJson(type)) throw refuse('not-json', { type });
  const encoding = only(request, 'content-encoding').trim().toLowerCase();
  if (encoding !== '' && encoding !== 'identity') {
    throw refuse('compressed', { encoding });
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw refuse('body-too-large', { maxBytes });
}

/** All values of a header as one text: sent twice, it matches nothing that is expected. */
function only(request: IncomingMessage, name: string): string {
  return (request.headersDistinct[name] ?? []).join(', ');
}

/** `application/json`, alone or with parameters; a charset must be UTF-8. */
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
