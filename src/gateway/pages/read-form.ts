import type { IncomingMessage } from 'node:http';
import { bodyChunks } from '../http/body-chunks';
import { refuse } from '../http/refusal';
import { minUploadRate } from '../http/upload-rate';

/**
 * Maximum bytes of a form. It may contain a reason of 2,000 characters, each up to nine bytes when escaped,
 * and a few short fields.
 */
const maxBytes = 32 * 1024;

/**
 * Reads the fields of a plain HTML form. Line breaks become `\n`.
 * @throws {Refusal} 415 when the body is not a form; 413 when it is too large; 408 when it stalls; 400 when a
 *   field occurs twice.
 */
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
