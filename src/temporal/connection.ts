import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';

/** Where Temporal is: the standard TEMPORAL_* variables and profile, or the server that `dev` started. */
export interface TemporalTarget {
  /** Instead of what the environment says: `host:port`. */
  readonly address?: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A client whose connection is made on first use, so that a gateway starts while Temporal is down. */
export function connectClient(target: TemporalTarget): { client: Client; connection: Connection; namespace: string } {
  const { connectionOptions, namespace } = settingsOf(target);
  const connection = Connection.lazy(connectionOptions);
  return { client: new Client({ connection, namespace }), connection, namespace };
}

/** The worker's connection. @throws an Error with one sentence when there is no Temporal server. */
export async function connectWorker(target: TemporalTarget): Promise<{ connection: NativeConnection; namespace: string }> {
  const { connectionOptions, namespace } = settingsOf(target);
  try {
    return { connection: await NativeConnection.connect(connectionOptions), namespace };
  } catch (cause) {
    throw new Error(`No Temporal server answers at ${connectionOptions.address}: start one, or set TEMPORAL_ADDRESS.`, { cause });
  }
}

function settingsOf({ address, env }: TemporalTarget) {
  const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: definedOf(env) });
  const chosen = address ?? connectionOptions.address ?? 'localhost:7233';
  return { connectionOptions: { ...connectionOptions, address: chosen }, namespace: namespace ?? 'default' };
}

function definedOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
