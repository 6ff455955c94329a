import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  /** Stops accepting, lets running requests finish for `graceMs`, then ends what is left. */
  close(): Promise<void>;
}

/** How often connections that became idle while closing are ended, in ms. */
const closingTickMs = 50;

/**
 * Serves `handler` with limits against slow and idle senders.
 *
 * @param graceMs how long `close` waits for running requests.
 */
export async function serve(
  handler: RequestListener,
  { host, port, graceMs = 5000 }: { host: string; port: number; graceMs?: number },
): Promise<RunningServer> {
  const server = createServer(
    {
      requestTimeout: 0, // Node's 300 s would end an honest 1 GiB upload; the least upload rate stands in for it
      headersTimeout: 10_000, // headers fit into one packet or a few
      connectionsCheckingInterval: 1000, // Node looks every 30 s, which would make the line above 40 s
      keepAliveTimeout: 65_000, // longer than the usual 60 s of balancers, so that they close first and no request meets a closing socket
    },
    handler,
  );
  server.on('checkContinue', handler); // the handler answers 100 itself, once it wants the body
  server.on('clientError', answerClientError);
  const running = new Set<ServerResponse>();
  const sockets = new Set<Socket>();
  server.prependListener('request', (_, response) => track(running, response));
  server.prependListener('checkContinue', (_, response) => track(running, response));
  server.on('connection', (socket) => track(sockets, socket));
  await listen(server, host, port);
  return { port: (server.address() as AddressInfo).port, close: () => close(server, { running, sockets, graceMs }) };
}

function track<T extends ServerResponse | Socket>(open: Set<T>, one: T): void {
  open.add(one);
  one.once('close', () => open.delete(one));
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

interface Open {
  readonly running: ReadonlySet<ServerResponse>;
  readonly sockets: ReadonlySet<Socket>;
  readonly graceMs: number;
}

async function close(server: Server, open: Open): Promise<void> {
  for (const response of open.running) if (!response.headersSent) response.shouldKeepAlive = false; // the sender opens its next connection elsewhere
  const closing = setInterval(() => closeIdle(open), closingTickMs);
  const ending = setTimeout(() => server.closeAllConnections(), open.graceMs);
  try {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  } finally {
    clearInterval(closing);
    clearTimeout(ending);
  }
}

/** Node's own `closeIdleConnections` leaves out those that never sent a request: balancers keep such ones ready. */
function closeIdle({ running, sockets }: Open): void {
  const busy = new Set([...running].map((response) => response.req.socket));
  for (const socket of sockets) if (!busy.has(socket)) socket.destroySoon();
}

const clientErrors: Readonly<Record<string, readonly [number, string, string, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'headers-too-large', 'the headers are larger than 16 KiB.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'headers-stalled', 'the headers did not come within 10 s.'],
};

/** What is no HTTP, or stalls in its headers, gets a sentence too. It never becomes a request, so nothing else sees it. */
function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable || (socket as Socket).bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const [status, phrase, name, sentence] = clientErrors[error.code ?? ''] ?? [
    400,
    'Bad Request',
    'not-http',
    'this is not a valid HTTP request.',
  ];
  const body = JSON.stringify({ error: name, message: `Bad Request: ${sentence}` });
  socket.end(
    `HTTP/1.1 ${status} ${phrase}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}
