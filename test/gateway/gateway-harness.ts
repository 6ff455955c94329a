import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { request } from 'undici';
import { defined } from '../../src/collections/defined';
import type { ExportRequest } from '../../src/domain/request';
import { createGateway, type GatewayDeps } from '../../src/gateway/app';
import type { OperatorApi } from '../../src/gateway/api/operator-api';
import { refuse } from '../../src/gateway/http/refusal';
import { type RunningServer, serve } from '../../src/gateway/http/server';
import { createFolderStore } from '../../src/payloads/folder/folder-store';
import type { PayloadStore } from '../../src/payloads/payload-store';
import { createLogger, type Logger } from '../../src/telemetry/logger';

export const secret = 'canary-secret-1';
export const operatorToken = 'canary-token-1';

/** A gateway on a free port, and all its effects. */
export interface GatewayHarness {
  readonly port: number;
  readonly folder: string;
  readonly store: PayloadStore;
  /** The requests that the dispatcher got. */
  readonly accepted: ExportRequest[];
  readonly log: Record<string, unknown>[];
  /** The lines of `log` as they were written. */
  readonly written: string[];
  /** File names in a folder of the store; empty when it does not exist. */
  files(part: string): string[];
  /** Inbox entries, oldest first. */
  inbox(): { request: ExportRequest }[];
  post(body: string | Buffer, headers?: Record<string, string>, path?: string): Promise<Answer>;
  ask(method: string, path: string, headers?: Record<string, string>, body?: string): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Record<string, unknown>;
}

export interface GatewayChange {
  readonly secrets?: readonly string[];
  readonly maxBodyBytes?: number;
  readonly uploadRate?: GatewayDeps['uploadRate'];
  readonly api?: Partial<OperatorApi>;
  readonly store?: (store: PayloadStore) => PayloadStore;
  readonly stamps?: GatewayDeps['stamps'];
  readonly graceMs?: number;
  readonly headersMs?: number;
  readonly maxOpen?: number;
  readonly publicUrl?: string;
}

/** @param parent a folder that the test removes. */
export async function runGateway(parent: string, change: GatewayChange = {}): Promise<GatewayHarness> {
  const folder = mkdtempSync(join(parent, 'store-'));
  const folderStore = createFolderStore({ folder });
  const store = change.store?.(folderStore) ?? folderStore;
  const accepted: ExportRequest[] = [];
  const log: Record<string, unknown>[] = [];
  const written: string[] = [];
  const server: RunningServer = await serve(
    createGateway({
      ...gatewayOptions(change),
      store,
      dispatcher: dispatcherInto(accepted),
      logger: loggerInto(log, written),
    }),
    {
      host: '127.0.0.1',
      port: 0,
      ...defined({ graceMs: change.graceMs, headersMs: change.headersMs, maxOpen: change.maxOpen }),
    },
  );
  const ask = (method: string, path: string, headers = {}, body?: string | Buffer): Promise<Answer> =>
    askAt(server.port, method, path, headers, body);
  return {
    ...server,
    folder,
    store,
    accepted,
    log,
    written,
    files: (part) => listFiles(join(folder, part)),
    inbox: () =>
      listFiles(join(folder, 'inbox')).map(
        (name) => JSON.parse(readFileSync(join(folder, 'inbox', name), 'utf8')) as { request: ExportRequest },
      ),
    post: (body, headers = {}, path = '/webhook') =>
      ask(
        'POST',
        path,
        { 'content-type': 'application/json', 'x-aquarium-secret': secret, ...headers },
        body,
      ),
    ask,
  };
}

/**
 * Sends raw bytes. @param rest written after `head`, completely, before anything is read.
 * @returns everything that is answered until the connection ends.
 */
export async function sendRaw(port: number, head: string, rest: readonly Buffer[] = []): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.pause();
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  socket.on('error', () => undefined);
  for (const bytes of [Buffer.from(head, 'latin1'), ...rest])
    await new Promise<void>((resolve, reject) =>
      socket.write(bytes, (error) => (error ? reject(error) : resolve())),
    );
  let answer = '';
  socket.on('data', (bytes: Buffer) => (answer += bytes.toString('utf8')));
  return new Promise((resolve) => socket.once('close', () => resolve(answer)).resume());
}

function gatewayOptions(change: GatewayChange) {
  return {
    config: {
      webhookSecrets: change.secrets ?? ['an-older-secret', secret],
      operators: [{ name: 'ada', token: operatorToken }],
      gateway: {
        maxBodyBytes: change.maxBodyBytes ?? 8 * 1024 * 1024,
        publicUrl: change.publicUrl ?? 'https://requeue.example/',
      },
      temporal: { uiUrl: 'https://temporal.example' },
    },
    namespace: 'default',
    api: { ...emptyApi, ...change.api },
    ...defined({ uploadRate: change.uploadRate, stamps: change.stamps }),
  };
}

/** An operator API without any export. */
const emptyApi: OperatorApi = {
  list: async () => ({ exports: [], notStarted: [], held: [], warnings: [], destinations: [] }),
  show: async () => undefined,
  decide: async ({ issueId, revision }) => ({ result: 'answered', issueId, revision, message: 'Answered.' }),
  steer: async ({ issueId, action }) => ({ issueId, action, message: 'Signalled.' }),
  pauseDestination: async ({ destination }) => ({
    destination,
    paused: '2026-11-24T00:00:00.000Z',
    message: 'Paused.',
  }),
  resumeDestination: async () => ({ resumed: [] }),
  report: async () => Promise.reject(refuse('no-such-report', { issueId: 'x' })),
  find: async (labelId) => ({ labelId, exports: [], changedReports: [] }),
  again: async ({ issueId }) => ({ requestId: 'r', issueId, revision: '0123456789ab', message: 'Asked.' }),
  replay: async () => ({}),
  drop: async () => ({ requestIds: ['r1'], issueId: 'one', revision: '0123456789ab', message: 'Dropped.' }),
};

function dispatcherInto(accepted: ExportRequest[]): GatewayDeps['dispatcher'] {
  return {
    dispatch: (request) => void accepted.push(request),
    temporalState: () => ({ reachable: true }),
  } as GatewayDeps['dispatcher'];
}

function loggerInto(log: Record<string, unknown>[], written: string[]): Logger {
  const write = (line: string): void => {
    written.push(line);
    log.push(JSON.parse(line) as Record<string, unknown>);
  };
  return createLogger({ name: 'gateway', level: 'trace', destination: { write } });
}

async function askAt(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string | Buffer,
): Promise<Answer> {
  const response = await request(`http://127.0.0.1:${port}${path}`, {
    method: method as 'POST',
    headers,
    body: body ?? null,
  });
  const text = await response.body.text();
  return {
    status: response.statusCode,
    headers: response.headers,
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
  };
}

function listFiles(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}
