import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { request } from 'undici';
import type { Config } from '../../src/config/config';
import { loadConfig } from '../../src/config/load-config';
import { type RunningGateway, startGateway } from '../../src/gateway/main';
import { createFolderStore } from '../../src/payloads/folder-store';
import type { PayloadStore } from '../../src/payloads/payload-store';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox';
import { createLogger } from '../../src/telemetry/logger';
import { connectClient } from '../../src/temporal/connection';
import { type DevServer, startDevServer } from '../../src/temporal/dev-server';
import { ensureSearchAttributes } from '../../src/temporal/search-attributes';
import { type RunningWorker, startWorker } from '../../src/worker';

const logger = createLogger({ name: 'test', level: 'fatal' });

/** Every part of Requeue on ports of its own, on a store of its own; each can be stopped and started again. */
export class Stack {
  private server: DevServer | undefined;
  private gateway: RunningGateway | undefined;
  private worker: RunningWorker | undefined;
  private sandboxServer: Sandbox | undefined;
  private connections: { close(): Promise<void> }[] = [];

  private constructor(
    readonly config: Config,
    readonly folder: string,
  ) {}

  static async create(env: NodeJS.ProcessEnv = {}): Promise<Stack> {
    const folder = await mkdtemp(join(tmpdir(), 'requeue-stack-'));
    const [port, sandbox, temporal, ui, metrics] = await freePorts(5);
    const config = loadConfig(
      {
        REQUEUE_STORE: folder,
        PORT: String(port),
        SANDBOX_PORT: String(sandbox),
        TEMPORAL_PORT: String(temporal),
        TEMPORAL_UI_PORT: String(ui),
        METRICS_PORT: String(metrics),
        AQ_WEBHOOK_SECRET: 'old-secret,new-secret',
        OPERATOR_TOKENS: 'ann:token-of-ann',
        ...env,
      },
      'dev',
    );
    return new Stack(config, folder);
  }

  get store(): PayloadStore {
    return createFolderStore({ folder: this.folder });
  }

  get sandbox(): Sandbox {
    if (!this.sandboxServer) throw new Error('The sandbox does not run.');
    return this.sandboxServer;
  }

  get target() {
    return { address: `127.0.0.1:${this.config.temporal.port}`, env: {} };
  }

  client() {
    const made = connectClient(this.target);
    this.connections.push(made.connection);
    return made.client;
  }

  async startAll(): Promise<this> {
    await this.startTemporal();
    await this.startSandbox();
    await this.startGateway();
    await this.startWorker();
    return this;
  }

  async startTemporal(): Promise<void> {
    const { port, uiPort } = this.config.temporal;
    this.server = await startDevServer({
      cli: process.env['TEMPORAL_CLI'] ?? 'temporal',
      folder: join(this.folder, 'temporal'),
      port,
      uiPort,
    });
    const { connection, namespace } = connectClient(this.target);
    await ensureSearchAttributes(connection, namespace);
    await connection.close();
  }

  /** Stops Temporal; `forget` deletes its database too. */
  async stopTemporal(forget = false): Promise<void> {
    await this.server?.stop();
    this.server = undefined;
    if (forget) await rm(join(this.folder, 'temporal'), { recursive: true, force: true });
  }

  /** Ends Temporal without a word. */
  async killTemporal(): Promise<void> {
    const pid = Number.parseInt(await readFile(join(this.folder, 'temporal', 'server.pid'), 'utf8'), 10);
    process.kill(pid, 'SIGKILL');
    await this.stopTemporal();
  }

  async startSandbox(): Promise<void> {
    this.sandboxServer = await startSandbox({ ...this.config.sandbox, file: join(this.folder, 'sandbox', 'ledger.ndjson') });
  }

  async startGateway(): Promise<void> {
    const temporal = connectClient(this.target);
    this.connections.push(temporal.connection);
    this.gateway = await startGateway({ config: this.config, store: this.store, temporal, logger });
  }

  async restartGateway(): Promise<void> {
    await this.gateway?.close();
    await this.startGateway();
  }

  async startWorker(): Promise<void> {
    this.worker = await startWorker({ config: this.config, temporal: this.target, logger });
  }

  /** A worker as a process of its own, as it is deployed; `kill` ends it without a word. */
  startWorkerProcess(): { kill(): Promise<void> } {
    const child: ChildProcess = spawn(process.execPath, [resolve(__dirname, '../../dist/worker.js')], {
      stdio: 'ignore',
      env: {
        PATH: process.env['PATH'],
        REQUEUE_STORE: this.folder,
        TEMPORAL_ADDRESS: this.target.address,
        LABELING_API_ENDPOINT: `${this.sandbox.url}/graphql`,
        LABELING_API_KEY: this.config.sandbox.key,
        CHUNK_LABELS: String(this.config.destinations[0]?.chunkLabels),
        METRICS_PORT: '0',
        HOST: '127.0.0.1',
      },
    });
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    return {
      kill: async () => {
        child.kill('SIGKILL');
        await ended;
      },
    };
  }

  async stopWorker(): Promise<void> {
    await this.worker?.close();
    this.worker = undefined;
  }

  /** Posts a body to the webhook. */
  async post(body: unknown, headers: Record<string, string> = { 'x-aquarium-secret': 'new-secret' }) {
    const response = await request(`http://127.0.0.1:${this.config.gateway.port}/webhook`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.statusCode, body: (await response.body.json()) as Record<string, unknown> };
  }

  /** Asks the sandbox for a fault. */
  async fault(fault: object): Promise<void> {
    await request(`${this.sandbox.url}/faults`, {
      method: 'POST',
      body: JSON.stringify(fault),
      headers: { 'content-type': 'application/json' },
    });
  }

  async clearFaults(): Promise<void> {
    await request(`${this.sandbox.url}/faults`, { method: 'DELETE' });
  }

  /** Label ids that had an effect, in the order of the ledger. */
  requeued(): string[] {
    return this.sandbox.ledger().flatMap(({ applied }) => applied);
  }

  async stop(): Promise<void> {
    await this.gateway?.close();
    await this.stopWorker();
    await this.sandboxServer?.close();
    for (const connection of this.connections) await connection.close();
    await this.stopTemporal();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Ports that are free now. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** An export of crops with these label ids, each matching its label. */
export function exportBody(issueId: string, labelIds: readonly string[], more: object = {}) {
  const elements = labelIds.map((uuid) => ({
    element_id: uuid,
    element_type: 'crop',
    issue_name: 'Blurred plates',
    frame_id: `frame-of-${uuid}`,
    frame_data: {
      label_data: [
        { uuid, label: 'plate' },
        { uuid: `${uuid}-neighbour`, label: 'car' },
      ],
    },
  }));
  return { event: 'issue-exported', project: 'street-scenes', issue: { id: issueId, elements }, ...more };
}
