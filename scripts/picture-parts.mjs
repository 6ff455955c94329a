// What the scripts that take pictures share.
import { createServer } from 'node:net';

/** Ports that are free now, as texts. */
export async function freePorts(count) {
  const open = (server) => new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(server)));
  const servers = await Promise.all(Array.from({ length: count }, () => open(createServer())));
  const ports = servers.map((server) => String(server.address().port));
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/** Waits until `look` gives something, for a minute at most, while the process `dev` lives. */
export async function until(dev, what, look) {
  for (
    const deadline = Date.now() + 60_000;
    Date.now() < deadline;
    await new Promise((later) => setTimeout(later, 100))
  ) {
    if (dev.exitCode !== null) throw new Error(`dev ended with ${dev.exitCode}.`);
    if (await Promise.resolve(look()).catch(() => false)) return;
  }
  throw new Error(`Waited in vain for ${what}.`);
}
