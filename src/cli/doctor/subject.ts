import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config, Operator } from '../../config/config';
import { loadConfig } from '../../config/load-config';
import type { TemporalClient } from '../../gateway/start-gateway';
import { connectClient } from '../../temporal/connection';
import { processInfo } from '../../processes/process-info';
import { operatorTokenFile } from '../client/operator-token-file';

/** What the doctor looks at. */
export interface Subject {
  /** `dev` brings its own Temporal and sandbox; everything else is told where they are. */
  readonly mode: 'dev' | 'production';
  readonly config: Config;
  readonly operators: readonly Operator[];
  /** @throws an Error with one sentence when the connection's settings cannot be read. */
  temporal(): TemporalClient;
}

/** Set by those who run Requeue against a Temporal of their own. */
const ownTemporal = ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE', 'TEMPORAL_API_KEY'];

/** Finds what this environment runs. @throws {ConfigError} */
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

/** A `dev` that runs is meant, whatever the variables say; else the variables; else what made the store. */
async function detectMode(storeFolder: string, env: NodeJS.ProcessEnv): Promise<Subject['mode']> {
  const temporalFolder = join(storeFolder, 'temporal');
  if (await devRuns(temporalFolder)) return 'dev';
  if (ownTemporal.some((name) => env[name])) return 'production';
  return (await isThere(temporalFolder)) || !(await isThere(storeFolder)) ? 'dev' : 'production';
}

async function devRuns(temporalFolder: string): Promise<boolean> {
  const pid = Number.parseInt(await readFile(join(temporalFolder, 'server.pid'), 'utf8').catch(() => ''), 10);
  return pid > 1 && ((await processInfo(pid))?.command.includes(temporalFolder) ?? false);
}

async function isThere(path: string): Promise<boolean> {
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
