import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** `127.0.0.1:<port>` with a port that nobody has now: for a listener that must be told one and cannot say which it got. */
export async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}
