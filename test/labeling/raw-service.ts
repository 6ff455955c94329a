import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface RawCall {
  readonly headers: IncomingMessage['headers'];
  readonly body: { readonly query: string; readonly variables?: Record<string, unknown> };
}

export interface RawService {
  readonly url: string;
  readonly calls: readonly RawCall[];
  close(): Promise<void>;
}

/** A node:http server that can misuse its socket in ways that no GraphQL server does. */
export async function startRawService(answer: (response: ServerResponse) => void): Promise<RawService> {
  const calls: RawCall[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      calls.push({
        headers: request.headers,
        body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as RawCall['body'],
      });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
