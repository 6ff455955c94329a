import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config, Operator } from '../../config/config';
import { loadConfig } from '../../config/load-config';
import { createFolderStore } from '../../payloads/folder/folder-store';
import { createLogger, type Logger } from '../../telemetry/logger';
import { findTemporalCli } from '../../dev/temporal/find-temporal-cli';
import { connectClient, type TemporalTarget } from '../../temporal/connection';
import { startDevServer, stopStaleServer } from '../../dev/temporal/start-dev-server';
import { ensureSearchAttributes } from '../../temporal/ensure-search-attributes';
import { explainPortInUse } from '../../config/explain-port-in-use';
import { operatorTokenFile } from '../client/operator-token-file';
import { untilSignal } from '../until-signal';

/** The files and folders that `dev` creates in its store folder. `--fresh` removes only these. */
const storedNames = [
  'temporal',
  'sandbox',
  'deliveries',
  'inbox',
  'exports',
  'tmp',
  'operator-token',
  'dev.log',
];

/** Stops one part. The part that started last stops first. */
type Stop = () => Promise<void>;

/**
 * `requeue dev`: runs Temporal, sandbox, gateway and worker on this machine until SIGINT or SIGTERM.
 *
 * @throws {Error} with one sentence when a part cannot start, or stops unexpectedly.
 */
export async function dev({ fresh }: { fresh: boolean }): Promise<void> {
  const loaded = loadConfig(process.env, 'dev');
  if (fresh) {
    await stopStaleServer({ folder: join(loaded.storeFolder, 'temporal') }); // before its pid file is removed
    await removeStored(loaded);
  }
  await mkdir(loaded.storeFolder, { recursive: true });
  const stops: Stop[] = [];
  const signal = untilSignal();
  const logger = createLogger({ name: 'requeue', level: process.env['LOG_LEVEL'] ?? 'warn' });
  try {
    await Promise.race([startAll(loaded, stops, logger), signal]);
    await signal;
    printLine('Stopping …');
  } catch (error) {
    // the error is one sentence; without a server, the parts would also log that they cannot stop cleanly
    logger.level = 'silent';
    throw error;
  } finally {
    for (const stop of stops.reverse()) await stop().catch(() => undefined);
  }
  process.exit(0); // every part has stopped; a pooled socket would keep the process running
}

/** Imports each part only when it starts, so that an earlier part's failure is reported immediately. */
async function startAll(loaded: Config, stops: Stop[], logger: Logger): Promise<void> {
  const cli = await findTemporalCli({ env: process.env, onProgress: printLine });
  const server = await startDevServer({
    cli,
    folder: join(loaded.storeFolder, 'temporal'),
    port: loaded.temporal.port,
    uiPort: loaded.temporal.uiPort,
  });
  stops.push(server.stop);
  const temporal: TemporalTarget = { address: server.address, env: {} };
  await registerAttributes(temporal);
  const config = { ...loaded, operators: await findOperators(loaded) };
  const sandboxUrl = await startOwnSandbox(config, stops);
  const client = connectClient(temporal);
  const store = createFolderStore({ folder: config.storeFolder });
  const { startGateway } = await import('../../gateway/start-gateway');
  const gateway = await startGateway({ config, store, temporal: client, logger }).catch((error: unknown) =>
    Promise.reject(explainPortInUse(error, 'PORT')),
  );
  stops.push(gateway.close);
  const { startWorker } = await import('../../worker');
  const worker = await startWorker({ config, temporal, logger }).catch((error: unknown) =>
    Promise.reject(explainPortInUse(error, 'METRICS_PORT')),
  );
  stops.push(worker.close);
  printAddresses(config, server.address, sandboxUrl);
  await Promise.race([server.failed, worker.done]);
}

async function registerAttributes(temporal: TemporalTarget): Promise<void> {
  const { connection, namespace } = connectClient(temporal);
  try {
    await ensureSearchAttributes(connection, namespace);
  } finally {
    await connection.close();
  }
}

async function startOwnSandbox(config: Config, stops: Stop[]): Promise<string | undefined> {
  const isUsed = config.destinations.some(
    ({ address }) => address === `http://127.0.0.1:${config.sandbox.port}/graphql`,
  );
  if (process.env['LABELING_API_ENDPOINT'] || !isUsed) return undefined;
  const file = join(config.storeFolder, 'sandbox', 'ledger.ndjson');
  const { startSandbox } = await import('../../dev/sandbox/start-sandbox');
  const sandbox = await startSandbox({ ...config.sandbox, file }).catch((error: unknown) =>
    Promise.reject(explainPortInUse(error, 'SANDBOX_PORT')),
  );
  stops.push(sandbox.close);
  return sandbox.url;
}

/**
 * Returns the configured operators. Without any, returns one operator, whose token is created once and kept
 * in the store folder.
 */
async function findOperators(config: Config): Promise<readonly Operator[]> {
  if (config.operators.length > 0) return config.operators;
  const file = operatorTokenFile(config);
  const stored = (await readFile(file, 'utf8').catch(() => '')).trim();
  const token = stored || randomBytes(24).toString('base64url');
  if (!stored) await writeFile(file, `${token}\n`, { mode: 0o600 });
  return [{ name: 'dev', token }];
}

function printAddresses(config: Config, temporal: string, sandboxUrl: string | undefined): void {
  const { publicUrl } = config.gateway;
  printLine(
    [
      '',
      'Requeue is ready.',
      `  webhook          POST ${publicUrl}/webhook${config.webhookSecrets.length > 0 ? ' (with X-Aquarium-Secret)' : ''}`,
      `  page             ${publicUrl}/`,
      `  labeling         ${sandboxUrl ? `${sandboxUrl} (sandbox; received calls: ${sandboxUrl}/ledger)` : config.destinations.map(({ address }) => address).join(', ')}`,
      `  Temporal         ${temporal}, Web UI ${config.temporal.uiUrl}`,
      `  operator token   ${config.operators[0]?.token ?? ''}`,
      `  store            ${config.storeFolder}`,
      '',
      'Try next:',
      '  npx requeue send examples/issue-exported.json',
      `  open ${config.temporal.uiUrl}`,
      '',
      'Ctrl-C stops everything.',
    ].join('\n'),
  );
}

async function removeStored(config: Config): Promise<void> {
  for (const name of storedNames) await rm(join(config.storeFolder, name), { recursive: true, force: true });
}

function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}
