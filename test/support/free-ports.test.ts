import { type AddressInfo, createServer, type Server } from 'node:net';
import { freePorts } from './free-ports';

const servers: Server[] = [];

/** @returns the port. */
async function listen(port: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening, failed) =>
    server.once('error', failed).listen(port, '127.0.0.1', listening),
  );
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((closed) => server.close(closed));
});

it('No port is given twice, although no server uses it yet', async () => {
  const ports = await Promise.all([freePorts(20), freePorts(20)]);
  expect(new Set(ports.flat()).size).toBe(40);
});

it('A server starts on every port of a range, and the range has no further port', async () => {
  const [before = 0] = await freePorts(1);
  const range = { from: before + 1, to: before + 6 };
  let left = true;
  while (left) {
    const ports = await freePorts(1, range).catch(() => []);
    for (const port of ports) await listen(port);
    left = ports.length > 0;
  }
  await expect(freePorts(1, range)).rejects.toThrow(
    `Of ports ${range.from}-${range.to - 1}, 0 are free (expected 1).`,
  );
});

it('A port that another program uses is not given', async () => {
  let used = await listen(0);
  while (used > 50_000) used = await listen(0); // its guard must be a port number
  await expect(freePorts(1, { from: used, to: used + 1 })).rejects.toThrow('0 are free (expected 1).');
});
