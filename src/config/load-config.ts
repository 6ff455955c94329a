import { resolve } from 'node:path';
import { type ApprovalPolicy, approvalDefaults, type Route, routeDefaults } from '../domain/route';
import { type Config, ConfigError, type Destination, type Operator } from './config';
import type { FileConfig, readConfigFile as ReadConfigFile } from './config-file';
import { isLoopback } from './is-loopback';
import { createEnvReader, type EnvReader } from './env-reader';

/** A process in a deployment. Its role decides which variables must be set. */
type Role = 'gateway' | 'worker' | 'sandbox';

/** A role, `dev`, or `client`. `client` is an operator's command, for which every variable is optional. */
export type RoleName = Role | 'dev' | 'client';

export interface LoadOptions {
  /** Whether the defaults are those of `dev`: loopback, the sandbox as labeling service, and no secrets. */
  readonly dev: boolean;
  /** Absent: every variable is optional. */
  readonly role?: Role;
}

/** The key that `dev`'s sandbox accepts when LABELING_API_KEY is not set. */
const sandboxKey = 'sandbox-key';
const oneGiB = 1024 ** 3;

/**
 * Reads the configuration from the environment and from the file in REQUEUE_CONFIG. Nothing else reads that
 * file.
 *
 * @throws {ConfigError} with all errors in one message. The message never contains a value that may be a
 *   secret.
 */
export function loadConfig(env: NodeJS.ProcessEnv, as: LoadOptions | RoleName): Config {
  const read = createEnvReader(env);
  const config = readAll(read, env, typeof as === 'string' ? toLoadOptions(as) : as);
  if (read.errors.length > 0) throw new ConfigError(read.errors);
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
    maxBodyBytes: read.integer('MAX_BODY_BYTES', { min: 1, max: 1024 * oneGiB, fallback: oneGiB }),
    publicUrl: read.url('PUBLIC_URL') ?? `http://127.0.0.1:${port}`,
  };
}

/** Requires a webhook secret, unless only this machine can reach the webhook. */
function checkWebhook(
  read: EnvReader,
  { dev, role }: LoadOptions,
  host: string,
  secrets: readonly string[],
): void {
  if (secrets.length > 0) return;
  if (!dev && role === 'gateway') {
    read.addError(
      'AQ_WEBHOOK_SECRET is not set: generate a secret in Aquarium’s organisation settings, and set AQ_WEBHOOK_SECRET to it. Without a secret, anyone could start exports.',
    );
  }
  if (dev && !isLoopback(host)) {
    read.addError(
      'AQ_WEBHOOK_SECRET is not set while HOST is not a loopback address: anyone on the network could start exports. Set the secret, or unset HOST.',
    );
  }
}

function readOperators(read: EnvReader): Operator[] {
  const operators = read.list('OPERATOR_TOKENS').flatMap((pair, index) => {
    const parts = /^(?<name>[^:]+):(?<token>[\x21-\x7e]+)$/.exec(pair)?.groups;
    if (parts) return [{ name: parts['name']?.trim() ?? '', token: parts['token'] ?? '' }];
    read.addError(`OPERATOR_TOKENS: entry ${index + 1} is not name:token (a token has no spaces).`);
    return [];
  });
  for (const name of duplicates(operators.map((operator) => operator.name)))
    read.addError(`OPERATOR_TOKENS: the name ${name} appears twice.`);
  if (duplicates(operators.map(({ token }) => token)).length > 0)
    read.addError('OPERATOR_TOKENS: two names have the same token.');
  return operators;
}

/**
 * Reads destinations, routes and notices from the file. Without destinations there, the LABELING_API_*
 * variables configure the only one. Without routes there, every project goes to the only destination.
 */
function readLabeling(
  read: EnvReader,
  env: NodeJS.ProcessEnv,
  options: LoadOptions,
  sandboxPort: number,
): FileConfig {
  const defaults = {
    chunkLabels: read.integer('CHUNK_LABELS', { min: 1, max: 500, fallback: 100 }),
    inFlight: read.integer('CHUNKS_IN_FLIGHT', { min: 1, max: 100, fallback: 8 }),
    approval: {
      above: read.integer('APPROVAL_THRESHOLD', { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 1000 }),
      ...approvalDefaults,
    },
    timeoutMs: 60_000, // about ten times what Labelbox needs: it answers a bulk delete in seconds
  };
  const path = read.text('REQUEUE_CONFIG');
  const needsKeys = options.dev || options.role === 'worker'; // only dev and workers call one
  const file =
    path === undefined ? {} : readFile(path, { env, defaults, needsKeys, addError: read.addError });
  const destinations = file.destinations ?? [defaultDestination(read, options, sandboxPort, defaults)];
  const routes =
    file.routes ??
    (file.destinations && file.destinations.length !== 1
      ? undefined
      : [catchAll(destinations[0]?.name ?? '', defaults.approval)]);
  if (!routes)
    read.addError(
      'REQUEUE_CONFIG: several destinations need routes, which send each project to a destination.',
    );
  checkNames(read, destinations, routes ?? []);
  for (const name of duplicates((file.notices ?? []).map((notice) => notice.name)))
    read.addError(`REQUEUE_CONFIG: two receivers in notices are called ${name}.`);
  return { destinations, routes: routes ?? [], notices: file.notices ?? [] };
}

/**
 * Loads zod and the YAML parser only when there is a file. Otherwise every command would take a tenth of a
 * second longer.
 */
const readFile: typeof ReadConfigFile = (path, options) => {
  // oxlint-disable-next-line typescript/no-require-imports -- an import() would make loadConfig and its callers async
  const { readConfigFile } = require('./config-file') as { readonly readConfigFile: typeof ReadConfigFile };
  return readConfigFile(path, options);
};

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
    read.addError(
      'LABELING_API_ENDPOINT is not set: set it to the address of the labeling service’s GraphQL API.',
    );
  if (required && !key)
    read.addError('LABELING_API_KEY is not set: set it to the key of the labeling service’s API.');
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
  for (const name of duplicates(names)) read.addError(`REQUEUE_CONFIG: two destinations are called ${name}.`);
  for (const project of duplicates(routes.map((route) => route.project)))
    read.addError(`REQUEUE_CONFIG: two routes are for the project ${project}.`);
  for (const { project, destination } of routes) {
    if (!names.includes(destination))
      read.addError(
        `REQUEUE_CONFIG: the route for ${project} refers to the destination ${destination || '(none)'}, which is not configured.`,
      );
  }
}

function duplicates(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    for (const part of Object.values(Object.freeze(value))) deepFreeze(part);
  return value;
}
