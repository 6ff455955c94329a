import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createHandler } from 'graphql-http';
import { type Fault, Faults, faultSchema } from './faults';
import { Ledger, type LedgerEntry } from './ledger';
import { pageOf } from './page';
import { rootOf, schema } from './schema';

export interface SandboxOptions {
  /** 0 picks a free one. */
  readonly port: number;
  /** Loopback unless told otherwise. */
  readonly host?: string;
  /** The API key it accepts. */
  readonly key: string;
  /** Where the ledger is kept; absent: in memory. */
  readonly file?: string;
}

export interface Sandbox {
  readonly port: number;
  readonly url: string;
  ledger(): readonly LedgerEntry[];
  close(): Promise<void>;
}

const maxBodyBytes = 64 * 1024 * 1024;

/** Starts a labeling service to try Requeue against: a real GraphQL server with a ledger and faults on demand. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const ledger = new Ledger(options.file);
  await ledger.load();
  const faults = new Faults();
  const host = options.host ?? '127.0.0.1';
  const server = createServer((request, response) => {
    route(options, ledger, faults, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`,
    ledger: () => ledger.entries,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function route(
  options: SandboxOptions,
  ledger: Ledger,
  faults: Faults,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0];
  switch (`${request.method} ${path}`) {
    case 'GET /':
      return send(response, 200, await pageOf(ledger.entries), 'text/html; charset=utf-8');
    case 'GET /ledger':
      return sendJson(response, 200, ledger.entries);
    case 'GET /faults':
      return sendJson(response, 200, faults.shown());
    case 'DELETE /faults':
      faults.clear();
      return sendJson(response, 200, faults.shown());
    case 'POST /faults':
      return addFault(faults, request, response);
    case 'POST /graphql':
      return graphql(options, ledger, faults, request, response);
    default:
      return sendJson(response, 404, { errors: [{ message: 'The sandbox has /graphql, /ledger, /faults and /.' }] });
  }
}

async function addFault(faults: Faults, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const fault = faultSchema.safeParse(jsonOf(await textOf(request)));
  if (!fault.success) return sendJson(response, 400, { errors: fault.error.issues });
  faults.add(fault.data);
  return sendJson(response, 201, faults.shown());
}

async function graphql(
  options: SandboxOptions,
  ledger: Ledger,
  faults: Faults,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await textOf(request);
  faults.calls += 1;
  if (request.headers.authorization !== `Bearer ${options.key}`) return refuseKey(response);
  const variables = (jsonOf(body) as { variables?: { labelIds?: unknown } } | undefined)?.variables;
  const labelIds = Array.isArray(variables?.labelIds) ? (variables.labelIds as string[]) : [];
  const struck = faults.strike(labelIds);
  for (const fault of struck) if (fault.kind === 'slow') await delay(fault.delayMs);
  const refusing = struck.find((fault) => refusals[fault.kind]);
  if (refusing) return refusals[refusing.kind]?.(response, refusing);
  const kinds = new Set(struck.map(({ kind }) => kind));
  const reply = await execute(ledger, body, kinds.has('undercount'));
  if (kinds.has('hang-after')) return;
  if (kinds.has('reset-after')) return void response.destroy();
  if (kinds.has('not-json')) return send(response, 200, reply.body.slice(0, reply.body.length / 2), 'application/json');
  return send(response, reply.status, reply.body, 'application/json');
}

/** Faults that answer without an effect. */
const refusals: Partial<Record<Fault['kind'], (response: ServerResponse, fault: Fault) => void>> = {
  'refuse-key': (response) => refuseKey(response),
  'reset-before': (response) => void response.destroy(),
  status: (response, { status, retryAfter }) => {
    if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter));
    sendJson(response, status, { errors: [{ message: `Asked to answer ${status}.` }] });
  },
  'graphql-error': (response, { code, exceptionStatus }) =>
    sendJson(response, 200, {
      errors: [{ message: 'Asked for an error.', extensions: { code, exception: { status: exceptionStatus } } }],
      data: null,
    }),
  poison: (response, { labelIds }) =>
    sendJson(response, 400, {
      errors: [{ message: `Labels that cannot be deleted: ${labelIds.join(', ')}`, extensions: { code: 'MALFORMED_REQUEST' } }],
    }),
};

function refuseKey(response: ServerResponse): void {
  sendJson(response, 401, { errors: [{ message: 'The API key is not valid.', extensions: { code: 'AUTHENTICATION_ERROR' } }] });
}

/** Runs the GraphQL text as any server over HTTP would; the socket is ours, so that faults can cut it anywhere. */
async function execute(ledger: Ledger, body: string, undercount: boolean): Promise<{ status: number; body: string }> {
  const take = async (call: Parameters<Ledger['take']>[0]) => (await ledger.take(call)).applied.length - (undercount ? 1 : 0);
  const handle = createHandler({ schema, rootValue: rootOf(take) });
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const [reply, { status }] = await handle({ method: 'POST', url: '/graphql', headers, body, raw: undefined, context: undefined });
  return { status, body: reply ?? '' };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new Error('The body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, status, JSON.stringify(body), 'application/json');
}

function send(response: ServerResponse, status: number, body: string, type: string): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}
