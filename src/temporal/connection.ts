import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnection } from '@temporalio/worker';
import { retryInterceptor } from './retry-interceptor';

/** The server that `dev` started, or the one that the TEMPORAL_* variables and the profile file configure. */
export interface TemporalTarget {
  /** `host:port` of the server that `dev` started. If set, the environment is ignored. */
  readonly address?: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Connects on first use, so that the gateway can start while Temporal is unreachable. */
export function connectClient(target: TemporalTarget): {
  client: Client;
  connection: Connection;
  namespace: string;
} {
  const { connectionOptions, namespace } = connectionSettings(target);
  const connection = Connection.lazy({ ...connectionOptions, interceptors: [retryInterceptor()] });
  return { client: new Client({ connection, namespace }), connection, namespace };
}

/** @throws {Error} when no Temporal server answers. The message is one sentence. */
export async function connectWorker(
  target: TemporalTarget,
): Promise<{ connection: NativeConnection; namespace: string }> {
  const { connectionOptions, namespace } = connectionSettings(target);
  // Imported here, so that only a worker waits until the native library is loaded.
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
 * Ignores the environment if `address` is set, because a profile file must not redirect `dev` to another
 * server.
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
