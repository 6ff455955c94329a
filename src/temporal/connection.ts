import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnection } from '@temporalio/worker';
import { retryInterceptor } from './retry-interceptor';

/** The standard TEMPORAL_* variables and profile file, or the server that `dev` started. */
export interface TemporalTarget {
  /** `host:port` of the server that `dev` started. It replaces every setting of the environment. */
  readonly address?: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Connects on first use, so that a gateway starts while Temporal is down. */
export function connectClient(target: TemporalTarget): {
  client: Client;
  connection: Connection;
  namespace: string;
} {
  const { connectionOptions, namespace } = connectionSettings(target);
  const connection = Connection.lazy({ ...connectionOptions, interceptors: [retryInterceptor()] });
  return { client: new Client({ connection, namespace }), connection, namespace };
}

/** @throws {Error} with one sentence when no Temporal server answers. */
export async function connectWorker(
  target: TemporalTarget,
): Promise<{ connection: NativeConnection; namespace: string }> {
  const { connectionOptions, namespace } = connectionSettings(target);
  // Loads the native library here, so that only a worker waits for it.
  const { NativeConnection } = await import('@temporalio/worker');
  try {
    return { connection: await NativeConnection.connect(connectionOptions), namespace };
  } catch (cause) {
    throw new Error(
      `No Temporal server answers at ${connectionOptions.address}: start one, or set TEMPORAL_ADDRESS.`,
      { cause },
    );
  }
}

/**
 * With `address`, ignores the environment: the user's profile file must not redirect `dev` to another server.
 */
function connectionSettings({ address, env }: TemporalTarget) {
  if (address !== undefined) return { connectionOptions: { address }, namespace: 'default' };
  const { connectionOptions, namespace } = loadSettings(env);
  return {
    connectionOptions: { ...connectionOptions, address: connectionOptions.address ?? 'localhost:7233' },
    namespace: namespace ?? 'default',
  };
}

function loadSettings(env: NodeJS.ProcessEnv): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig({ overrideEnvVars: withoutUndefined(env) });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : 'unknown reason';
    throw new Error(
      `Temporal's connection settings (TEMPORAL_* variables and the profile file) cannot be read: ${why}`,
      { cause },
    );
  }
}

function withoutUndefined(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
