import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { bodyChunks } from './body-chunks';
import { refuse } from './refusal';
import { minUploadRate } from './upload-rate';

/** Maximum bytes of an operator's request. It contains only a decision and its reason. */
const maxBytes = 16 * 1024;

/**
 * Reads the JSON object in an operator's request. An empty body counts as an empty object.
 *
 * @throws {Refusal} 400 when the body is not a JSON object; 408 when it stalls; 413 when it is too large.
 */
export async function readSmallJson(incoming: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  for await (const chunk of bodyChunks(incoming, { maxBytes, rate: minUploadRate })) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (!isUtf8(bytes)) throw refuse('bad-utf8');
  const text = bytes.toString('utf8');
  if (text.trim() === '') return {};
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse('not-an-object');
  return value as Record<string, unknown>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw refuse('broken-json');
  }
}
