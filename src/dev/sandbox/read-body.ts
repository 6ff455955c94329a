import type { IncomingMessage } from 'node:http';
import { formatNumber } from '../../text/format-number';

/** Maximum bytes of a body. No test needs more: 100,000 ids of 100 bytes are 10 MB. */
const maxBodyBytes = 64 * 1024 * 1024;

export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
  constructor() {
    super(`The body is larger than ${formatNumber(maxBodyBytes)} bytes.`);
  }
}

/** @throws {BodyTooLarge} when the body is larger than 64 MiB. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
