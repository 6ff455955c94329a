import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { request } from 'undici';
import { findTemporalCli } from '../../src/dev/temporal/find-temporal-cli';
import { type Sandbox, startSandbox } from '../../src/dev/sandbox/start-sandbox';
import { createFolderStore } from '../../src/payloads/folder/folder-store';
import { listInbox } from '../../src/payloads/inbox-entry';
import { issueFolder } from '../../src/payloads/keys';
import type { PayloadStore } from '../../src/payloads/payload-store';
import { reportKeysIn } from '../../src/payloads/report-head';
import { readJson } from '../../src/payloads/small-objects';
import { connectClient } from '../../src/temporal/connection';
import { ensureSearchAttributes } from '../../src/temporal/ensure-search-attributes';
import { freePorts } from '../support/free-ports';
import { until } from '../support/until';
import { Decider } from './decider';
import { findViolations, type Findings, type LabelRow, type SentDelivery } from './find-violations';
import { type Deployment, launchProgram, launchTemporal } from './launch-parts';
import { Part } from './part';
import { planFaults } from './plan-faults';
import { createRandom, type Random } from '../support/seeded-random';
import { approvalThreshold, Load } from './send-load';

/*
 * `npm run chaos` runs two gateways, three workers and Temporal in processes of their own, and kills and
 * freezes them while deliveries arrive, decisions are made, and the labeling service fails. Then it compares the
 * reports with the labeling service's ledger, and exits with 1 if they disagree.
 *
 *   npm run chaos -- --kills 100 --freezes 50 --seed 1 --seconds 480
 */

interface Options {
  readonly kills: number;
  readonly freezes: number;
  readonly seed: number;
  /** The faults begin within this time. */
  readonly seconds: number;
}

const webhookSecret = 'chaos-secret';
const operatorToken = 'token-of-ann';
const sandboxKey = 'sandbox-key';
const newDeliveryMs = 1500;
/** More open requests than this, and the sender waits: the end of the run must not take longer than its faults. */
const maxOpen = 40;
/** After the last fault. The slowest repair is the dispatcher's check of the inbox, every two minutes. */
const settleMs = 5 * 60_000;

async function main(): Promise<void> {
  const options = readOptions();
  const folder = await mkdtemp(join(tmpdir(), 'requeue-chaos-'));
  printLine(`Seed ${options.seed}: ${options.kills} kills and ${options.freezes} freezes. Files: ${folder}`);
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stopped.abort(new Error(`The run was stopped by ${signal}.`)));
  const run = new ChaosRun(options, folder, stopped.signal);
  try {
    const findings = await Promise.race([run.run(), rejectWhenAborted(stopped.signal)]);
    for (const violation of findings.violations) printLine(violation);
    if (findings.violations.length > 0)
      throw new Error(`${findings.violations.length} violations. Files: ${folder}`);
    await run.stop();
    await rm(folder, { recursive: true, force: true });
    printLine('0 lost, 0 without approval, and every label that was executed twice is repeated.');
  } finally {
    await run.stop();
  }
}

function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
}

class ChaosRun {
  private readonly random: Random;
  private readonly store: PayloadStore;
  private readonly startedAt = Date.now();
  private parts: readonly Part[] = [];
  private sandbox: Sandbox | undefined;
  private connection: { close(): Promise<void> } | undefined;

  constructor(
    private readonly options: Options,
    private readonly folder: string,
    private readonly signal: AbortSignal,
  ) {
    this.random = createRandom(options.seed);
    this.store = createFolderStore({ folder: join(folder, 'store') });
  }

  async run(): Promise<Findings> {
    const { gateways, client } = await this.start();
    const load = new Load(createRandom(this.options.seed + 1), gateways, webhookSecret);
    const decider = new Decider({
      random: createRandom(this.options.seed + 2),
      load,
      gateways,
      token: operatorToken,
      client,
    });
    const noMoreFaults = new AbortController();
    const background = [
      this.repeat(newDeliveryMs, noMoreFaults.signal, async () => {
        if ((await listInbox(this.store)).length < maxOpen) load.sendNext(this.signal);
      }),
      this.repeat(500, noMoreFaults.signal, () => this.changeServiceFaults()),
    ];
    const decided = new AbortController();
    const deciding = this.repeat(1000, decided.signal, async () => {
      await decider.answerAll();
      await decider.resumePaused();
    });
    await this.injectFaults();
    noMoreFaults.abort();
    await Promise.all(background);
    await this.clearServiceFaults();
    this.print(`the last fault is over; ${(await listInbox(this.store)).length} requests are open`);
    await this.settle(load, client);
    decided.abort();
    await deciding;
    const findings = findViolations(await this.readReports(load), this.sandbox?.ledger() ?? []);
    this.printFigures(load, decider, findings);
    return findings;
  }

  async stop(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.stop()));
    await this.connection?.close().catch(() => undefined);
    await this.sandbox?.close();
    [this.parts, this.connection, this.sandbox] = [[], undefined, undefined];
  }

  private async start() {
    const { folder } = this;
    const cli = await findTemporalCli({ env: process.env, onProgress: printLine });
    const [temporal = 0, uiPort = 0, ...ports] = await freePorts(8);
    const [sandboxPort = 0, ...programPorts] = ports;
    this.sandbox = await startSandbox({
      port: sandboxPort,
      key: sandboxKey,
      file: join(folder, 'sandbox', 'ledger.ndjson'),
    });
    const address = `127.0.0.1:${temporal}`;
    const deployment: Deployment = {
      folder,
      env: {
        PATH: process.env['PATH'],
        HOST: '127.0.0.1',
        REQUEUE_STORE: join(folder, 'store'),
        TEMPORAL_ADDRESS: address,
        AQ_WEBHOOK_SECRET: webhookSecret,
        OPERATOR_TOKENS: `ann:${operatorToken}`,
        LABELING_API_ENDPOINT: `${this.sandbox.url}/graphql`,
        LABELING_API_KEY: sandboxKey,
        CHUNK_LABELS: '10',
        APPROVAL_THRESHOLD: String(approvalThreshold),
      },
    };
    const server = new Part(
      'temporal',
      launchTemporal({ cli, folder: join(folder, 'temporal'), port: temporal, uiPort }),
    );
    this.parts = [server];
    await server.start();
    const { client, connection, namespace } = connectClient({ address, env: {} });
    this.connection = connection;
    await ensureSearchAttributes(connection, namespace);
    const gatewayPorts = programPorts.slice(0, 2);
    const programs = [
      ...gatewayPorts.map((port, at) => aGateway(deployment, port, at + 1)),
      ...programPorts.slice(2).map((port, at) => aWorker(deployment, port, at + 1)),
    ];
    this.parts = [server, ...programs];
    await Promise.all(programs.map((part) => part.start()));
    this.print('every part runs');
    return { client, gateways: gatewayPorts.map((port) => `http://127.0.0.1:${port}`) };
  }

  /** Resolves when the last fault is over and every part runs again. */
  private async injectFaults(): Promise<void> {
    const { kills, freezes, seconds } = this.options;
    const names = this.parts.map(({ name }) => name);
    const faults = planFaults(this.random, { kills, freezes, withinMs: 1000 * seconds, parts: names });
    const frozen: Promise<void>[] = [];
    const beganAt = Date.now();
    for (const fault of faults) {
      await delay(Math.max(0, beganAt + fault.atMs - Date.now()), undefined, { signal: this.signal });
      const part = await until('a running part', () => this.findRunning(fault.parts), 60_000, 50);
      if (fault.kind === 'kill') part.kill();
      else frozen.push(part.freeze(fault.forMs));
    }
    await Promise.all(frozen);
    await until('every part to run', () => this.parts.every(({ isRunning }) => isRunning), 60_000);
  }

  private findRunning(names: readonly string[]): Part | undefined {
    return names
      .flatMap((name) => this.parts.filter((part) => part.name === name))
      .find((part) => part.isRunning);
  }

  /** Makes all calls slow, and the next one fail: mostly after its work, as some services and proxies do. */
  private async changeServiceFaults(): Promise<void> {
    await this.clearServiceFaults();
    const ending = this.random.pick([
      { kind: 'status-after', status: 500, times: 1 },
      { kind: 'status-after', status: 500, times: 1 },
      { kind: 'reset-after', times: 1 },
      { kind: 'status', status: 429, times: 1 },
    ]);
    await request(`${this.sandbox?.url}/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ kind: 'slow', delayMs: this.random.integer(200, 900) }, ending]),
    });
  }

  private async clearServiceFaults(): Promise<void> {
    await request(`${this.sandbox?.url}/faults`, { method: 'DELETE' });
  }

  private async settle(load: Load, client: ReturnType<typeof connectClient>['client']): Promise<void> {
    await load.settled();
    await until(
      'an empty inbox',
      async () => {
        const open = await listInbox(this.store);
        if (open.length > 0) throw new Error(`the inbox has ${open.join(', ')}`);
        return true;
      },
      settleMs,
      1000,
    );
    const running = `WorkflowType = 'ExportIssue' AND ExecutionStatus = 'Running'`;
    await until(
      'the end of every run',
      async () => (await client.workflow.count(running)).count === 0,
      60_000,
      1000,
    );
  }

  private readReports(load: Load): Promise<SentDelivery[]> {
    return Promise.all(
      load.deliveries.map(async ({ issueId, labelIds, approvedUpTo, revision }) => {
        const keys = (await reportKeysIn(this.store, issueFolder(issueId))).sort();
        const reports = await Promise.all(
          keys.map(async (key) => (await readJson<{ labels: LabelRow[] }>(this.store, key)).labels),
        );
        return { issueId, labelIds, approvedUpTo, isAccepted: revision !== undefined, reports };
      }),
    );
  }

  /** Repeats the action until `end` aborts. An error counts as nothing: the next time may succeed. */
  private async repeat(everyMs: number, end: AbortSignal, action: () => Promise<void>): Promise<void> {
    while (!end.aborted && !this.signal.aborted) {
      await action().catch(() => undefined);
      await delay(everyMs);
    }
  }

  private printFigures({ deliveries, figures }: Load, decider: Decider, findings: Findings): void {
    const accepted = deliveries.filter(({ revision }) => revision !== undefined).length;
    for (const { name, figures: part } of this.parts)
      printLine(`  ${name}: ${part.kills} kills, ${part.freezes} freezes, ${part.otherExits} other exits`);
    printLine(
      `  deliveries: ${accepted} accepted in ${figures.posts} posts; ${figures.withoutAnswer} not answered 202`,
    );
    printLine(
      `  decisions: ${decider.figures.byApi} by API, ${decider.figures.bySignal} by signal; ${decider.figures.resumed} paused exports resumed`,
    );
    printLine(`  labels: ${findings.labels}, of which ${findings.approved} approved`);
    printLine(`  executed more than once: ${findings.executedTwice}; repeated: ${findings.repeated}`);
    this.print('compared');
  }

  private print(what: string): void {
    printLine(`${String(Math.round((Date.now() - this.startedAt) / 1000)).padStart(4)} s  ${what}`);
  }
}

function aGateway(deployment: Deployment, port: number, number: number): Part {
  const name = `gateway-${number}`;
  const env = { PORT: String(port) };
  const readyUrl = `http://127.0.0.1:${port}/healthz`;
  return new Part(
    name,
    launchProgram(deployment, { name, file: 'cli/main.js', args: ['gateway'], env, readyUrl }),
  );
}

function aWorker(deployment: Deployment, port: number, number: number): Part {
  const name = `worker-${number}`;
  const env = { METRICS_PORT: String(port) };
  const readyUrl = `http://127.0.0.1:${port}/readyz`;
  return new Part(name, launchProgram(deployment, { name, file: 'worker.js', args: [], env, readyUrl }));
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '100' },
      freezes: { type: 'string', default: '50' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      seconds: { type: 'string', default: '480' },
    },
  });
  return {
    kills: wholeNumber('kills', values.kills),
    freezes: wholeNumber('freezes', values.freezes),
    seed: wholeNumber('seed', values.seed),
    seconds: wholeNumber('seconds', values.seconds),
  };
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} is ${text}; expected a whole number.`);
  return Number(text);
}

function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

main().then(
  () => process.exit(0), // a pooled socket would keep the process running
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
