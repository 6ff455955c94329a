// Shared by the scripts that take pictures.
import { createServer } from 'node:net';

/** @returns free ports, as strings. */
export async function freePorts(count) {
  const open = (server) => new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(server)));
  const servers = await Promise.all(Array.from({ length: count }, () => open(createServer())));
  const ports = servers.map((server) => String(server.address().port));
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/**
 * Waits until `check` returns a truthy value. An error from `check` counts as "not yet".
 * @throws {Error} after a minute, or when the process `dev` exits.
 */
export async function until(dev, description, check) {
  for (
    const deadline = Date.now() + 60_000;
    Date.now() < deadline;
    await new Promise((later) => setTimeout(later, 100))
  ) {
    if (dev.exitCode !== null) throw new Error(`dev exited with code ${dev.exitCode}.`);
    if (await Promise.resolve(check()).catch(() => false)) return;
  }
  throw new Error(`Timed out while waiting for ${description}.`);
}
