import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createClientErrors, turnAway } from './client-errors';
import { Connections } from './connections';
import { mostConnections } from './max-connections';

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  /** Stops accepting, lets running requests finish for `graceMs`, then ends what is left. */
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  /** How long `close` waits for running requests. */
  readonly graceMs?: number;
  /** How long the headers of a request may take. */
  readonly headersMs?: number;
  /** Connections open at once. */
  readonly most?: number;
}

/** How often connections that became idle while closing are ended, in ms. */
const closingTickMs = 50;

/** Serves `handler` with limits against slow and idle senders; docs/decisions, "Idle and slow senders make room", says which and why. */
export async function serve(handler: RequestListener, options: ServeOptions): Promise<RunningServer> {
  const { host, port, graceMs = 5000, headersMs = 10_000, most = mostConnections() } = options; // headers fit into one packet or a few
  const server = createServer({
    requestTimeout: 0, // Node's 300 s would end an honest 1 GiB upload; the least upload rate stands in for it
    headersTimeout: headersMs,
    connectionsCheckingInterval: Math.min(1000, headersMs), // Node looks every 30 s, which would make the line above 40 s
    requireHostHeader: false, // Node would refuse without a sentence; the gateway does with one
    keepAliveTimeout: 65_000, // longer than the usual 60 s of balancers, so that they close first and no request meets a closing socket
  });
  server.timeout = 300_000; // nothing read and nothing written: a sender that never reads its answers; no request of ours is silent so long
  server.maxHeadersCount = 0; // Node forgets what comes after the 2,000th in silence, a second secret too; 16 KiB bound them all
  const connections = new Connections(most);
  const inTurn = connections.inTurn(handler);
  server.on('request', inTurn);
  server.on('checkContinue', inTurn); // the handler answers 100 itself, once it wants the body
  server.on('checkExpectation', inTurn); // an expectation that nobody knows: ignored, as HTTP allows, instead of 417 without a sentence
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => onClientError(error, socket as Socket));
  const onClientError = createClientErrors(connections);
  server.on('connection', (socket: Socket) => {
    if (!connections.enter(socket)) turnAway(socket);
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
  connections.keepNoneAlive();
  const closing = setInterval(() => connections.closeIdle(), closingTickMs);
  const ending = setTimeout(() => server.closeAllConnections(), graceMs);
  try {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  } finally {
    clearInterval(closing);
    clearTimeout(ending);
  }
}
