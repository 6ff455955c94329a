import type { IncomingMessage } from 'node:http';

/** 100,000 ids of 100 bytes are 10 MB; nobody sends more to a sandbox on purpose. */
const maxBodyBytes = 64 * 1024 * 1024;

export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
  constructor() {
    super(`The body is over ${maxBodyBytes} bytes.`);
  }
}

/** The whole body as text. @throws {BodyTooLarge} over 64 MiB. */
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
