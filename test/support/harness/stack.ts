import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { request } from 'undici';
import type { WorkflowHandle } from '@temporalio/client';
import type { ReportedLabel } from '../../../src/activities/report/reported-labels';
import { readReportHead, type ReportHead } from '../../../src/payloads/report-head';
import type { Config } from '../../../src/config/config';
import { loadConfig } from '../../../src/config/load-config';
import { type RunningGateway, startGateway } from '../../../src/gateway/start-gateway';
import { createFolderStore } from '../../../src/payloads/folder/folder-store';
import { type InboxEntry, inboxEntries, listInbox, readInboxEntry } from '../../../src/payloads/inbox-entry';
import { reportKey } from '../../../src/payloads/keys';
import type { PayloadStore } from '../../../src/payloads/payload-store';
import { readBytes } from '../../../src/payloads/small-objects';
import { type Sandbox, startSandbox } from '../../../src/dev/sandbox/start-sandbox';
import { createLogger } from '../../../src/telemetry/logger';
import { connectClient } from '../../../src/temporal/connection';
import { type DevServer, startDevServer } from '../../../src/dev/temporal/start-dev-server';
import { ensureSearchAttributes } from '../../../src/temporal/ensure-search-attributes';
import { runProgram } from '../../../src/processes/run-program';
import { type RunningWorker, startWorker } from '../../../src/worker';
import type { Progress } from '../../../src/workflows/messages';
import { exportWorkflowId } from '../../../src/temporal/names';
import { freePorts } from '../free-ports';
import { workflowBundle } from './temporal';
import { until } from '../until';

const logger = createLogger({ name: 'test', level: 'fatal' });

/** A part in a process of its own, as in a deployment. `kill` sends SIGKILL. */
export interface PartProcess {
  readonly pid: number;
  kill(): Promise<void>;
}

/** `report.json`. */
export type Report = ReportHead & {
  readonly labels: readonly Pick<
    ReportedLabel,
    'labelId' | 'element' | 'elements' | 'outcome' | 'repeated'
  >[];
  readonly leftOut: readonly { element: number; reason: string }[];
};

/** All parts of Requeue, on ports and a store of their own. Each part can be stopped and started again. */
export class Stack {
  private server: DevServer | undefined;
  private gateway: RunningGateway | undefined;
  private worker: RunningWorker | undefined;
  private sandboxServer: Sandbox | undefined;
  private connections: { close(): Promise<void> }[] = [];
  private readonly processes = new Set<PartProcess>();
  /** The issue id of each request. */
  private readonly issues = new Map<string, string>();
  private connected: ReturnType<typeof connectClient> | undefined;

  private constructor(
    readonly config: Config,
    readonly folder: string,
    private readonly temporalArgs: readonly string[],
  ) {}

  /** @param temporalArgs additional arguments for the Temporal server. */
  static async create(env: NodeJS.ProcessEnv = {}, temporalArgs: readonly string[] = []): Promise<Stack> {
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
    return new Stack(config, folder, temporalArgs);
  }

  get store(): PayloadStore {
    return createFolderStore({ folder: this.config.storeFolder });
  }

  get sandbox(): Sandbox {
    if (!this.sandboxServer) throw new Error('The sandbox does not run.');
    return this.sandboxServer;
  }

  get target() {
    return { address: `127.0.0.1:${this.config.temporal.port}`, env: {} };
  }

  client() {
    if (!this.connected) this.connections.push((this.connected = connectClient(this.target)).connection);
    return this.connected.client;
  }

  workflow(issueId: string): WorkflowHandle {
    return this.client().workflow.getHandle(exportWorkflowId(issueId));
  }

  progress(issueId: string): Promise<Progress> {
    return this.workflow(issueId).query<Progress>('progress');
  }

  /** Waits until an issue's export reaches the stage. */
  untilStage(issueId: string, stage: string, revision?: unknown): Promise<Progress> {
    return until(`${issueId} at ${stage}`, async () => {
      const progress = await this.progress(issueId);
      const isRevision = revision === undefined || progress.revision === revision;
      return progress.stage === stage && isRevision && progress;
    });
  }

  /** The inbox entries of one issue, or of all issues. */
  async inbox(issueId?: string): Promise<InboxEntry[]> {
    const entries: InboxEntry[] = [];
    for await (const entry of inboxEntries(this.store))
      if (issueId === undefined || entry.request.issueId === issueId) entries.push(entry);
    return entries;
  }

  /** Waits until the inbox has no entry of the issue, or no entry at all. */
  async untilDone(issueId?: string): Promise<void> {
    await until(
      `an inbox without ${issueId ?? 'entries'}`,
      async () => !(await this.hasEntry(issueId)),
      100_000,
    );
  }

  private async hasEntry(issueId: string | undefined): Promise<boolean> {
    for (const requestId of await listInbox(this.store)) {
      if (issueId === undefined || issueId === (await this.findIssueId(requestId))) return true;
    }
    return false;
  }

  /**
   * Caches the issue ids: reading a thousand entries at every check would cost more than the code under test.
   */
  private async findIssueId(requestId: string): Promise<string | undefined> {
    const issueId =
      this.issues.get(requestId) ?? (await readInboxEntry(this.store, requestId))?.request.issueId;
    if (issueId !== undefined) this.issues.set(requestId, issueId);
    return issueId;
  }

  reportHead(issueId: string, revision: unknown, attempt = 1): Promise<ReportHead | undefined> {
    return readReportHead(this.store, { issueId, revision: String(revision), attempt });
  }

  async report(issueId: string, revision: unknown, attempt = 1): Promise<Report> {
    const bytes = await readBytes(this.store, reportKey({ issueId, revision: String(revision), attempt }));
    return JSON.parse(bytes.toString('utf8')) as Report;
  }

  /** Runs the Temporal CLI against this stack's server. */
  temporal(...args: string[]) {
    return runProgram(cli(), [...args, '--address', this.target.address], 30_000);
  }

  async startAll(): Promise<this> {
    await this.startTemporal();
    await this.startSandbox();
    await this.startGateway();
    await this.startWorker();
    return this;
  }

  /** Undoes what a failed test left behind: kills processes, starts the parts that do not run, ends faults. */
  async restore(): Promise<void> {
    for (const part of this.processes) await part.kill();
    if (!this.server) await this.startTemporal();
    if (!this.sandboxServer) await this.startSandbox();
    if (!this.gateway) await this.startGateway();
    if (!this.worker) await this.startWorker();
    await this.clearFaults();
  }

  async startTemporal(): Promise<void> {
    const { port, uiPort } = this.config.temporal;
    this.server = await startDevServer({
      cli: await this.cliWithArgs(),
      folder: join(this.folder, 'temporal'),
      port,
      uiPort,
    });
    const { connection, namespace } = connectClient(this.target);
    await ensureSearchAttributes(connection, namespace);
    await connection.close();
    this.connected = undefined; // a new client connects at once; the old one backs off after each failure
  }

  /** The path of the CLI, or of a script that adds `temporalArgs`. */
  private async cliWithArgs(): Promise<string> {
    if (this.temporalArgs.length === 0) return cli();
    const script = join(this.folder, 'temporal-cli');
    await writeFile(script, `#!/bin/sh\nexec '${cli()}' "$@" ${this.temporalArgs.join(' ')}\n`, {
      mode: 0o755,
    });
    return script;
  }

  /** @param forget also deletes the database. */
  async stopTemporal(forget = false): Promise<void> {
    await this.server?.stop();
    this.server = undefined;
    if (forget) await rm(join(this.folder, 'temporal'), { recursive: true, force: true });
  }

  /** Kills Temporal with SIGKILL. */
  async killTemporal(): Promise<void> {
    const pid = Number.parseInt(await readFile(join(this.folder, 'temporal', 'server.pid'), 'utf8'), 10);
    process.kill(pid, 'SIGKILL');
    await this.stopTemporal();
  }

  async startSandbox(): Promise<void> {
    this.sandboxServer = await startSandbox({
      ...this.config.sandbox,
      file: join(this.folder, 'sandbox', 'ledger.ndjson'),
    });
  }

  async startGateway(): Promise<void> {
    const temporal = connectClient(this.target);
    this.connections.push(temporal.connection);
    this.gateway = await startGateway({ config: this.config, store: this.store, temporal, logger });
  }

  async stopGateway(): Promise<void> {
    await this.gateway?.close();
    this.gateway = undefined;
  }

  async restartGateway(): Promise<void> {
    await this.stopGateway();
    await this.startGateway();
  }

  /** Starts a gateway in a process of its own; resolves when it listens. */
  async startGatewayProcess(): Promise<PartProcess> {
    const { gateway, webhookSecrets } = this.config;
    const started = this.startProcess('cli/main.js', ['gateway'], {
      PORT: String(gateway.port),
      AQ_WEBHOOK_SECRET: webhookSecrets.join(','),
    });
    await until('the gateway', async () => {
      const { statusCode, body } = await request(`${this.url}/healthz`);
      await body.dump();
      return statusCode === 200;
    });
    return started;
  }

  async startWorker(): Promise<void> {
    this.worker = await startWorker({
      config: this.config,
      temporal: this.target,
      logger,
      // Built once by the global set-up, because bundling takes a worker seconds.
      workflowBundle: workflowBundle().codePath,
    });
  }

  /** Starts a worker in a process of its own. */
  startWorkerProcess(): PartProcess {
    return this.startProcess('worker.js', [], {
      LABELING_API_ENDPOINT: `${this.sandbox.url}/graphql`,
      LABELING_API_KEY: this.config.sandbox.key,
      CHUNK_LABELS: String(this.config.destinations[0]?.chunkLabels),
      METRICS_PORT: '0',
    });
  }

  private startProcess(file: string, args: readonly string[], env: NodeJS.ProcessEnv): PartProcess {
    const child: ChildProcess = spawn(
      process.execPath,
      [resolve(__dirname, '../../../dist', file), ...args],
      {
        stdio: 'ignore',
        env: {
          PATH: process.env['PATH'],
          REQUEUE_STORE: this.config.storeFolder,
          TEMPORAL_ADDRESS: this.target.address,
          HOST: '127.0.0.1',
          ...env,
        },
      },
    );
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    const part: PartProcess = {
      pid: child.pid ?? 0,
      kill: async () => {
        child.kill('SIGKILL');
        await ended;
        this.processes.delete(part);
      },
    };
    this.processes.add(part);
    return part;
  }

  async stopWorker(): Promise<void> {
    await this.worker?.close();
    this.worker = undefined;
  }

  /** The gateway's address. */
  get url(): string {
    return `http://127.0.0.1:${this.config.gateway.port}`;
  }

  /** Posts a body to the webhook. */
  async post(body: unknown, headers: Record<string, string> = { 'x-aquarium-secret': 'new-secret' }) {
    const response = await request(`${this.url}/webhook`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.statusCode, body: (await response.body.json()) as Record<string, unknown> };
  }

  /** Replays a delivery, as an operator. */
  replay(sha256: string, body: object = {}) {
    return this.ask('POST', `/api/deliveries/${sha256}/replay`, body);
  }

  /** Calls the operator API. */
  async ask(method: 'GET' | 'POST', path: string, body?: object) {
    const response = await request(`${this.url}${path}`, {
      method,
      headers: { authorization: 'Bearer token-of-ann', 'content-type': 'application/json' },
      body: body ? JSON.stringify(body) : null,
    });
    return { status: response.statusCode, body: (await response.body.json()) as Record<string, unknown> };
  }

  /** Injects a fault into the sandbox. */
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

  /** The label ids that the sandbox requeued, in the order of its ledger. */
  requeued(prefix = ''): string[] {
    return this.sandbox.ledger().flatMap(({ applied }) => applied.filter((id) => id.startsWith(prefix)));
  }

  /**
   * The label ids that the sandbox received, in the order of its ledger; an id that was sent twice appears
   * twice.
   */
  sent(prefix = ''): string[] {
    return this.sandbox.ledger().flatMap(({ labelIds }) => labelIds.filter((id) => id.startsWith(prefix)));
  }

  async stop(): Promise<void> {
    for (const part of this.processes) await part.kill();
    await this.stopGateway();
    await this.stopWorker();
    await this.sandboxServer?.close();
    for (const connection of this.connections) await connection.close();
    await this.stopTemporal();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function cli(): string {
  return process.env['TEMPORAL_CLI'] ?? 'temporal';
}
