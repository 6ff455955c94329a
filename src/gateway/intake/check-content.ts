import type { IncomingMessage } from 'node:http';
import { refuse } from '../http/refusal';

/**
 * Checks the content headers before any of the body is read.
 * @throws {Refusal} 413 when the announced body is too large; 415 when it is not plain JSON.
 */
export function checkContent(request: IncomingMessage, maxBytes: number): void {
  const type = headerText(request, 'content-type');
  if (!isJson(type)) throw refuse('not-json', { type });
  const encoding = headerText(request, 'content-encoding').trim().toLowerCase();
  if (encoding !== '' && encoding !== 'identity') throw refuse('compressed', { encoding });
  if (Number(request.headers['content-length'] ?? 0) > maxBytes)
    throw refuse('body-too-large', { maxBytes, isDelivery: true });
}

/** @returns all values of a header, joined, so that a header sent twice matches no expected value. */
function headerText(request: IncomingMessage, name: string): string {
  return (request.headersDistinct[name] ?? []).join(', ');
}

/** True for `application/json`, with or without parameters. A charset must be UTF-8. */
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
