import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { clock, every } from '../../clock/clock';
import { createClientErrorHandler, rejectConnection } from './client-errors';
import { Connections } from './connections';
import { maxConnections } from './max-connections';

export interface RunningServer {
  readonly port: number;
  /** Refuses new connections, waits up to `graceMs` for running requests, then closes all connections. */
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  /** In ms. How long `close` waits for running requests. */
  readonly graceMs?: number;
  /** In ms. Time limit for a request's headers. */
  readonly headersMs?: number;
  /** Maximum open connections. */
  readonly maxOpen?: number;
}

/** In ms. While the server closes, it closes connections that have become idle this often. */
const closingTickMs = 50;

/**
 * Serves `handler` with limits against slow and idle senders. The reasons are in
 * docs/decisions/008-idle-and-slow-senders-make-room.md.
 */
export async function serve(handler: RequestListener, options: ServeOptions): Promise<RunningServer> {
  // 10 s are enough for headers, which fit into a few packets
  const { host, port, graceMs = 5000, headersMs = 10_000, maxOpen = maxConnections() } = options;
  const server = createServer({
    requestTimeout: 0, // off: Node's 300 s would end a legitimate 1 GiB upload; the minimum rate is the limit
    headersTimeout: headersMs,
    connectionsCheckingInterval: Math.min(1000, headersMs), // Node's 30 s would make the limit 40 s
    requireHostHeader: false, // Node would refuse without a message; the gateway refuses with one
    keepAliveTimeout: 65_000, // over load balancers' usual 60 s: they close first, so no request is lost
  });
  server.timeout = 300_000; // closes a sender that never reads; no other is silent for 5 minutes
  server.maxHeadersCount = 0; // 16 KiB is the only limit: Node would drop the rest, even a second secret
  const connections = new Connections(maxOpen);
  const oneAtATime = connections.oneAtATime(handler);
  server.on('request', oneAtATime);
  server.on('checkContinue', oneAtATime); // the handler answers 100 when it is ready for the body
  server.on('checkExpectation', oneAtATime); // ignored, as HTTP allows; Node would answer 417
  const onClientError = createClientErrorHandler(connections);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => onClientError(error, socket as Socket));
  server.on('connection', (socket: Socket) => {
    if (!connections.admit(socket)) rejectConnection(socket);
  });
  await listen(server, host, port);
  return { port: (server.address() as AddressInfo).port, close: () => close(server, connections, graceMs) };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function close(server: Server, connections: Connections, graceMs: number): Promise<void> {
  connections.disableKeepAlive();
  const stopClosing = every(closingTickMs, () => connections.closeIdle());
  const cancelEnding = clock.after(graceMs, () => server.closeAllConnections());
  try {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  } finally {
    stopClosing();
    cancelEnding();
  }
}
