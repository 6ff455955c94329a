import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/** The first port, and the one after the last. They and their guards are below the range for outgoing connections. */
const range = { from: 12_000, to: 22_000 };
/** From a port to its guard. Whoever listens on the guard owns the port. */
const toGuard = 10_000;

/**
 * Reserves free ports for this process, until it ends. No other test process takes one of them or probes it,
 * also while its server is down. The operating system ends a reservation, even after SIGKILL.
 */
export async function freePorts(count: number, { from, to } = range): Promise<number[]> {
  const ports: number[] = [];
  const first = randomInt(to - from);
  for (let tried = 0; tried < to - from && ports.length < count; tried += 1) {
    const port = from + ((first + tried) % (to - from));
    if (await reserve(port)) ports.push(port);
  }
  if (ports.length < count)
    throw new Error(`Of ports ${from}-${to - 1}, ${ports.length} are free (expected ${count}).`);
  return ports;
}

/** The guard is taken before the port is probed: a probe listens too, and could fail the owner's server. */
async function reserve(port: number): Promise<boolean> {
  const guard = await listen(port + toGuard);
  if (!guard) return false;
  const probe = await listen(port);
  await close(probe ?? guard);
  return probe !== undefined;
}

/** @returns undefined when the port is taken. The server does not keep the process running. */
async function listen(port: number): Promise<Server | undefined> {
  const server = createServer().unref();
  const isListening = await new Promise<boolean>((done) => {
    server.once('error', () => done(false)).listen(port, '127.0.0.1', () => done(true));
  });
  server.removeAllListeners(); // a guard outlives its test file, and must not keep the file's objects
  return isListening ? server : undefined;
}

function close(server: Server): Promise<void> {
  return new Promise((done) => server.close(() => done()));
}
