import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config, Operator } from '../../config/config';
import { loadConfig } from '../../config/load-config';
import type { TemporalClient } from '../../gateway/start-gateway';
import { connectClient } from '../../temporal/connection';
import { processInfo } from '../../processes/process-info';
import { operatorTokenFile } from '../client/operator-token-file';

/** The installation that the doctor checks. */
export interface Subject {
  /** `dev` starts its own Temporal and sandbox. In `production`, the environment configures the services. */
  readonly mode: 'dev' | 'production';
  readonly config: Config;
  readonly operators: readonly Operator[];
  /** @throws {Error} with one sentence when the connection settings cannot be read. */
  temporal(): TemporalClient;
}

/** Each of these variables configures a Temporal server. `dev` uses none of them. */
const productionVariables = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_PROFILE',
  'TEMPORAL_CONFIG_FILE',
  'TEMPORAL_API_KEY',
];

/**
 * Determines which installation this environment configures.
 *
 * @throws {ConfigError} when the configuration has errors.
 */
export async function findSubject(env: NodeJS.ProcessEnv): Promise<Subject> {
  const { storeFolder } = loadConfig(env, 'client');
  const mode = await detectMode(storeFolder, env);
  const config = loadConfig(env, mode === 'dev' ? 'dev' : 'client');
  let client: TemporalClient | undefined;
  const target = mode === 'dev' ? { address: `127.0.0.1:${config.temporal.port}`, env: {} } : { env };
  return {
    mode,
    config,
    operators: await findOperators(mode, config),
    temporal: () => (client ??= connectClient(target)),
  };
}

/**
 * A running `dev` decides first, then the variables, then the command that created the store. Without a
 * store, the mode is `dev`.
 */
async function detectMode(storeFolder: string, env: NodeJS.ProcessEnv): Promise<Subject['mode']> {
  const temporalFolder = join(storeFolder, 'temporal');
  if (await isDevRunning(temporalFolder)) return 'dev';
  if (productionVariables.some((name) => env[name])) return 'production';
  return (await exists(temporalFolder)) || !(await exists(storeFolder)) ? 'dev' : 'production';
}

async function isDevRunning(temporalFolder: string): Promise<boolean> {
  const pid = Number.parseInt(await readFile(join(temporalFolder, 'server.pid'), 'utf8').catch(() => ''), 10);
  return pid > 1 && ((await processInfo(pid))?.command.includes(temporalFolder) ?? false);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function findOperators(mode: Subject['mode'], config: Config): Promise<readonly Operator[]> {
  if (mode === 'production' || config.operators.length > 0) return config.operators;
  const token = (await readFile(operatorTokenFile(config), 'utf8').catch(() => '')).trim();
  return token ? [{ name: 'dev', token }] : [];
}
