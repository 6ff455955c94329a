import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../../telemetry/logger';
import { sendJson, sendText } from './send-response';
import { faultsSchema } from './fault';
import { createFaults, type Faults } from './faults';
import { createGraphqlEndpoint } from './graphql-endpoint';
import { createGuard } from './guard';
import { type Ledger, type LedgerEntry, openLedger } from './ledger';
import { renderPage } from './render-page';
import { BodyTooLarge, readBody } from './read-body';
import { sendLedger } from './send-ledger';

export interface SandboxOptions {
  /** 0 picks a free port. */
  readonly port: number;
  /** 127.0.0.1 by default. */
  readonly host?: string;
  /** The API key that the sandbox accepts. */
  readonly key: string;
  /** Absolute path of the ledger file. If absent, the ledger is only in memory. */
  readonly file?: string;
  readonly logger?: Logger;
}

export interface Sandbox {
  readonly port: number;
  /** Without a trailing slash. The endpoint is `<url>/graphql`. */
  readonly url: string;
  ledger(): readonly LedgerEntry[];
  /** Number of TCP connections accepted since the start. */
  connections(): number;
  /** Closes all connections, even during a call, and waits until the last ledger entries are written. */
  close(): Promise<void>;
}

/**
 * Starts a labeling service for trying out Requeue: a real GraphQL server with a ledger and fault injection.
 *
 * @throws the error of `listen` (EADDRINUSE, EACCES).
 * @throws {Error} when the ledger has an invalid line. The message contains the file and the line number.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const host = options.host ?? '127.0.0.1';
  const ledger = await openLedger(options.file);
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // one per delayed call; Node.js would warn of a leak from eleven
  const server = createServer(createListener(options, host, ledger, closing.signal));
  let connections = 0;
  server.on('connection', () => (connections += 1));
  await listen(server, options.port, host).catch(async (error: unknown) => {
    await ledger.close();
    throw error;
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${urlHost(host)}:${port}`,
    ledger: () => ledger.entries,
    connections: () => connections,
    close: async () => {
      closing.abort();
      await closeServer(server);
      await ledger.close();
    },
  };
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

function createListener(
  options: SandboxOptions,
  host: string,
  ledger: Ledger,
  closing: AbortSignal,
): Listener {
  const endpoints = createEndpoints(options, ledger, closing);
  const guard = createGuard(host);
  return (request, response) => {
    const refusal = guard(request);
    if (refusal) return sendJson(response, 403, { errors: [{ message: refusal }] });
    const endpoint = endpoints[`${request.method} ${(request.url ?? '/').split('?')[0]}`] ?? notFound;
    Promise.resolve(endpoint(request, response)).catch((error: unknown) =>
      fail(options.logger, response, error),
    );
  };
}

type Endpoint = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

function createEndpoints(
  options: SandboxOptions,
  ledger: Ledger,
  closing: AbortSignal,
): Readonly<Record<string, Endpoint>> {
  const faults = createFaults();
  return {
    'GET /': async (_request, response) => {
      response.setHeader('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'");
      sendText(response, 200, await renderPage(ledger.entries), 'text/html; charset=utf-8');
    },
    'GET /ledger': (_request, response) => sendLedger(response, ledger.entries),
    'GET /faults': (_request, response) => sendJson(response, 200, faults.summary()),
    'POST /faults': (request, response) => addFaults(faults, request, response),
    'DELETE /faults': (_request, response) => {
      faults.clear();
      sendJson(response, 200, faults.summary());
    },
    'POST /graphql': createGraphqlEndpoint({ key: options.key, faults, ledger, closing }),
  };
}

async function addFaults(faults: Faults, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parsed = faultsSchema.safeParse(jsonOrText(await readBody(request)));
  if (!parsed.success)
    return sendJson(response, 400, {
      errors: parsed.error.issues.map(({ message, path }) => ({ message, path })),
    });
  parsed.data.forEach((fault) => faults.add(fault));
  sendJson(response, 201, faults.summary());
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // a string, which the schema refuses
  }
}

function notFound(_request: IncomingMessage, response: ServerResponse): void {
  sendJson(response, 404, {
    errors: [
      {
        message:
          'The sandbox only serves GET /, POST /graphql, GET /ledger, and GET, POST and DELETE /faults.',
      },
    ],
  });
}

function fail(logger: Logger | undefined, response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  if (error instanceof BodyTooLarge) {
    response.setHeader('connection', 'close');
    return sendJson(response, 413, { errors: [{ message: error.message }] });
  }
  logger?.error({ err: error }, 'The sandbox failed to answer a request.');
  sendJson(response, 500, {
    errors: [
      {
        message: 'The sandbox failed to answer this request.',
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      },
    ],
  });
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
