import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/**
 * @returns `127.0.0.1:<port>` with a port that is free now, for a listener that cannot choose a port and
 *   report it.
 */
export async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}
