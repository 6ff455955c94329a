import type { IncomingMessage } from 'node:http';
import { bodyChunks } from '../http/body-chunks';
import { refuse } from '../http/refusal';
import { minUploadRate } from '../http/upload-rate';

/** Bytes of a form, at most: 2,000 characters of a reason, each up to nine bytes when escaped, and little else. */
const maxBytes = 32 * 1024;

/** The fields of a plain HTML form, line breaks as `\n`. @throws {Refusal} 400, 413, 415, 408 */
export async function readForm(incoming: IncomingMessage): Promise<Readonly<Record<string, string>>> {
  if (!/^application\/x-www-form-urlencoded *(;|$)/i.test(incoming.headers['content-type'] ?? ''))
    throw refuse('not-a-form');
  const chunks: Buffer[] = [];
  for await (const chunk of bodyChunks(incoming, { maxBytes, rate: minUploadRate })) chunks.push(chunk);
  const pairs = [...new URLSearchParams(Buffer.concat(chunks).toString('utf8'))];
  const fields = new Map(pairs.map(([name, value]) => [name, value.replaceAll('\r\n', '\n')]));
  if (fields.size < pairs.length) throw refuse('twice', { what: 'each field of the form' });
  return Object.fromEntries(fields);
}
