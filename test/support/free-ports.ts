import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * @returns ports that are free now. They are below the range for outgoing connections, so that none of them
 *   is taken while its server is down.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(12_000, 32_000);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((done) =>
    server.once('error', () => done(false)).listen(port, '127.0.0.1', () => done(true)),
  );
  if (free) await new Promise((done) => server.close(done));
  return free;
}
