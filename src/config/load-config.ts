import { resolve } from 'node:path';
import { type ApprovalPolicy, approvalDefaults, type Route, routeDefaults } from '../domain/route';
import { type Config, ConfigError, type Destination, type Operator } from './config';
import type { FileConfig } from './config-file';
import { isLoopback } from './is-loopback';
import { createEnvReader, type EnvReader } from './env-reader';

/** What a process is; without one nothing but well-formed values is asked for (commands of the operator). */
export type Role = 'gateway' | 'worker' | 'sandbox';

/** The same in one word: `dev`, one of the roles, or `client`, an operator's command that asks for nothing to be set. */
export type RoleName = Role | 'dev' | 'client';

export interface LoadOptions {
  /** Everything on one machine: loopback, the sandbox as labeling service, no secret needed. */
  readonly dev: boolean;
  readonly role?: Role;
}

/** The key that the sandbox of `dev` accepts when none is given. */
const sandboxKey = 'sandbox-key';
const oneGiB = 1024 ** 3;

/**
 * Reads the environment and the file that REQUEUE_CONFIG names; the only place that does.
 *
 * @throws {ConfigError} with every fault in one message; values are never echoed, since they may be secrets.
 */
export function loadConfig(env: NodeJS.ProcessEnv, as: LoadOptions | RoleName): Config {
  const read = createEnvReader(env);
  const config = readAll(read, env, typeof as === 'string' ? toLoadOptions(as) : as);
  if (read.faults.length > 0) throw new ConfigError(read.faults);
  return deepFreeze(config);
}

function toLoadOptions(name: RoleName): LoadOptions {
  if (name === 'dev' || name === 'client') return { dev: name === 'dev' };
  return { dev: false, role: name };
}

function readAll(read: EnvReader, env: NodeJS.ProcessEnv, options: LoadOptions): Config {
  const webhookSecrets = read.list('AQ_WEBHOOK_SECRET');
  const gateway = readGateway(read, options);
  checkWebhook(read, options, gateway.host, webhookSecrets);
  const uiPort = read.port('TEMPORAL_UI_PORT', 8233);
  const sandbox = { port: read.port('SANDBOX_PORT', 8090), key: read.text('LABELING_API_KEY') ?? sandboxKey };
  return {
    gateway,
    webhookSecrets,
    operators: readOperators(read),
    sandbox,
    temporal: {
      port: read.port('TEMPORAL_PORT', 7233),
      uiPort,
      uiUrl: read.url('TEMPORAL_UI_URL') ?? `http://127.0.0.1:${uiPort}`,
    },
    metricsPort: read.port('METRICS_PORT', 9464),
    storeFolder: resolve(read.text('REQUEUE_STORE') ?? '.requeue'),
    ...readLabeling(read, env, options, sandbox.port),
  };
}

function readGateway(read: EnvReader, { dev }: LoadOptions): Config['gateway'] {
  const port = read.port('PORT', 8080);
  return {
    host: read.text('HOST') ?? (dev ? '127.0.0.1' : '0.0.0.0'),
    port,
    maxBodyBytes: read.integer('MAX_BODY_BYTES', { least: 1, most: 1024 * oneGiB, otherwise: oneGiB }),
    publicUrl: read.url('PUBLIC_URL') ?? `http://127.0.0.1:${port}`,
  };
}

/** An open webhook is for one machine alone. */
function checkWebhook(
  read: EnvReader,
  { dev, role }: LoadOptions,
  host: string,
  secrets: readonly string[],
): void {
  if (secrets.length > 0) return;
  if (!dev && role === 'gateway') {
    read.fault(
      'AQ_WEBHOOK_SECRET is not set: generate a secret in Aquarium’s organisation settings and give it here; without one anybody could start exports.',
    );
  }
  if (dev && !isLoopback(host)) {
    read.fault(
      'AQ_WEBHOOK_SECRET is not set while HOST is no loopback address: anybody on the network could start exports. Set the secret, or leave HOST out.',
    );
  }
}

function readOperators(read: EnvReader): Operator[] {
  const operators = read.list('OPERATOR_TOKENS').flatMap((pair, index) => {
    const parts = /^(?<name>[^:]+):(?<token>[\x21-\x7e]+)$/.exec(pair)?.groups;
    if (parts) return [{ name: parts['name']?.trim() ?? '', token: parts['token'] ?? '' }];
    read.fault(`OPERATOR_TOKENS: entry ${index + 1} is not name:token (a token has no spaces).`);
    return [];
  });
  for (const name of repeated(operators.map((operator) => operator.name)))
    read.fault(`OPERATOR_TOKENS: the name ${name} stands there twice.`);
  if (repeated(operators.map(({ token }) => token)).length > 0)
    read.fault('OPERATOR_TOKENS: two names have the same token.');
  return operators;
}

/** Destinations and routes: of the file where it has them, else the one Labelbox-style destination of the guide. */
function readLabeling(
  read: EnvReader,
  env: NodeJS.ProcessEnv,
  options: LoadOptions,
  sandboxPort: number,
): FileConfig {
  const defaults = {
    chunkLabels: read.integer('CHUNK_LABELS', { least: 1, most: 500, otherwise: 100 }),
    inFlight: read.integer('CHUNKS_IN_FLIGHT', { least: 1, most: 100, otherwise: 8 }),
    approval: {
      above: read.integer('APPROVAL_THRESHOLD', { least: 0, most: Number.MAX_SAFE_INTEGER, otherwise: 1000 }),
      ...approvalDefaults,
    },
    timeoutMs: 60_000, // Labelbox answers a bulk delete in seconds; an order above it
  };
  const path = read.text('REQUEUE_CONFIG');
  const needsKeys = options.dev || options.role === 'worker'; // nobody else calls a labeling service, so nobody else needs its secrets
  const file =
    path === undefined
      ? {}
      : configFile().readConfigFile(path, { env, defaults, needsKeys, fault: read.fault });
  const destinations = file.destinations ?? [defaultDestination(read, options, sandboxPort, defaults)];
  const routes =
    file.routes ??
    (file.destinations && file.destinations.length !== 1
      ? undefined
      : [catchAll(destinations[0]?.name ?? '', defaults.approval)]);
  if (!routes)
    read.fault(
      'REQUEUE_CONFIG: with several destinations there must be routes that say which project goes where.',
    );
  checkNames(read, destinations, routes ?? []);
  for (const name of repeated((file.notices ?? []).map((notice) => notice.name)))
    read.fault(`REQUEUE_CONFIG: two notices are called ${name}.`);
  return { destinations, routes: routes ?? [], notices: file.notices ?? [] };
}

/** Loaded when there is a file: its schema and YAML cost every command a tenth of a second. */
function configFile(): typeof import('./config-file') {
  // oxlint-disable-next-line typescript/no-require-imports -- an import() would make every reader of the environment wait
  return require('./config-file') as typeof import('./config-file');
}

function defaultDestination(
  read: EnvReader,
  { dev, role }: LoadOptions,
  sandboxPort: number,
  defaults: { chunkLabels: number; inFlight: number; timeoutMs: number },
): Destination {
  const required = !dev && role === 'worker';
  const address = read.url('LABELING_API_ENDPOINT');
  const key = read.text('LABELING_API_KEY');
  if (required && !read.text('LABELING_API_ENDPOINT'))
    read.fault('LABELING_API_ENDPOINT is not set: the address of the labeling service’s GraphQL API.');
  if (required && !key) read.fault('LABELING_API_KEY is not set: the key of the labeling service’s API.');
  return {
    name: 'labelbox',
    adapter: 'labelbox',
    address: address ?? (dev ? `http://127.0.0.1:${sandboxPort}/graphql` : ''),
    key: key ?? (dev ? sandboxKey : ''),
    inFlight: defaults.inFlight,
    chunkLabels: defaults.chunkLabels,
    timeoutMs: defaults.timeoutMs,
  };
}

function catchAll(destination: string, approval: ApprovalPolicy): Route {
  return { ...routeDefaults, project: '*', destination, approval };
}

function checkNames(
  read: EnvReader,
  destinations: FileConfig['destinations'],
  routes: FileConfig['routes'],
): void {
  const names = destinations.map(({ name }) => name);
  for (const name of repeated(names)) read.fault(`REQUEUE_CONFIG: two destinations are called ${name}.`);
  for (const project of repeated(routes.map((route) => route.project)))
    read.fault(`REQUEUE_CONFIG: two routes are for the project ${project}.`);
  for (const { project, destination } of routes) {
    if (!names.includes(destination))
      read.fault(
        `REQUEUE_CONFIG: the route of ${project} names the destination ${destination || '(none)'}, which is not there.`,
      );
  }
}

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    for (const part of Object.values(Object.freeze(value))) deepFreeze(part);
  return value;
}
