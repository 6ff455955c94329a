import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createClientErrorHandler, rejectConnection } from './client-errors';
import { Connections } from './connections';
import { maxConnections } from './max-connections';

export interface RunningServer {
  readonly port: number;
  /** Accepts no new connection, waits up to `graceMs` for running requests, then closes all connections. */
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  /** How long `close` waits for running requests. */
  readonly graceMs?: number;
  /** Time limit for the headers of a request. */
  readonly headersMs?: number;
  /** Limit of open connections. */
  readonly maxOpen?: number;
}

/** While closing, connections that became idle are closed every 50 ms. */
const closingTickMs = 50;

/**
 * Serves `handler` with limits against slow and idle senders;
 * docs/decisions/008-idle-and-slow-senders-make-room.md has the reasons.
 */
export async function serve(handler: RequestListener, options: ServeOptions): Promise<RunningServer> {
  // 10 s: headers fit into a few packets
  const { host, port, graceMs = 5000, headersMs = 10_000, maxOpen = maxConnections() } = options;
  const server = createServer({
    requestTimeout: 0, // off: 300 s would end an honest 1 GiB upload; the minimum rate limits it
    headersTimeout: headersMs,
    connectionsCheckingInterval: Math.min(1000, headersMs), // Node's 30 s would make the limit 40 s
    requireHostHeader: false, // Node would refuse without a sentence; the gateway does it with one
    keepAliveTimeout: 65_000, // over the usual 60 s of balancers: they close first, so no request is lost
  });
  server.timeout = 300_000; // ends a sender that never reads: no request is silent for 5 minutes
  server.maxHeadersCount = 0; // no limit but 16 KiB: Node would silently drop the rest, also a second secret
  const connections = new Connections(maxOpen);
  const oneAtATime = connections.oneAtATime(handler);
  server.on('request', oneAtATime);
  server.on('checkContinue', oneAtATime); // the handler answers 100 when it wants the body
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
  const closing = setInterval(() => connections.closeIdle(), closingTickMs);
  const ending = setTimeout(() => server.closeAllConnections(), graceMs);
  try {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  } finally {
    clearInterval(closing);
    clearTimeout(ending);
  }
}
