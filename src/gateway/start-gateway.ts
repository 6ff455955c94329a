import { delay } from '../clock/clock';
import { formatDuration } from '../text/duration';
import type { Client, Connection } from '@temporalio/client';
import type { Config } from '../config/config';
import type { PayloadStore } from '../payloads/payload-store';
import { sweepTempFiles } from '../payloads/folder/sweep-temp-files';
import type { Logger } from '../telemetry/logger';
import { ensureSearchAttributes } from '../temporal/ensure-search-attributes';
import { createGateway } from './app';
import { createOperatorApi } from './api/create-operator-api';
import { createLinks } from './links';
import { watchClock } from './intake/clock-watch';
import { createStamps } from './intake/stamps';
import { serve } from './http/server';
import { createDispatcher, type Dispatcher } from './dispatch/dispatcher';

/** The result of `connectClient`. */
export interface TemporalClient {
  readonly client: Client;
  readonly connection: Connection;
  readonly namespace: string;
}

export interface RunningGateway {
  readonly port: number;
  /** Refuses new deliveries, waits up to 5 s for those in progress, then stops the dispatcher. */
  close(): Promise<void>;
}

/** In ms. If the inbox cannot be read when the gateway starts, it is read again this often. */
const retryStartMs = 5000;

/** Starts the gateway. It accepts deliveries even while Temporal is unreachable. */
export async function startGateway(deps: {
  config: Config;
  store: PayloadStore;
  temporal: TemporalClient;
  logger: Logger;
}): Promise<RunningGateway> {
  const { config, store, temporal, logger } = deps;
  requireSecret(config);
  const swept = await sweepTempFiles(config.storeFolder);
  if (swept > 0) logger.info({ swept }, 'Removed temp files that a killed process left behind.');
  const { client, connection, namespace } = temporal;
  const dispatcher = createDispatcher({
    store,
    client,
    logger,
    ensureAttributes: () => ensureSearchAttributes(connection, namespace),
  });
  const stamps = createStamps(store);
  const links = createLinks({ publicUrl: config.gateway.publicUrl, uiUrl: config.temporal.uiUrl, namespace });
  const api = createOperatorApi({
    store,
    dispatcher,
    stamps,
    client,
    links,
    destinations: config.destinations,
    logger,
  });
  const server = await serve(
    createGateway({ config, namespace, store, dispatcher, api, stamps, logger }),
    config.gateway,
  );
  const stopDispatcher = startDispatcher(dispatcher, logger);
  const stopClockWatch = startClockWatch(client, logger);
  return {
    port: server.port,
    async close() {
      await server.close();
      stopDispatcher();
      stopClockWatch();
      await dispatcher.close();
    },
  };
}

/**
 * Repeats a check from `loadConfig`. Without a secret, any sender that reaches the port could have labels
 * deleted.
 */
function requireSecret({ webhookSecrets, gateway }: Config): void {
  if (webhookSecrets.length > 0 || /^(127\.|::1$|localhost$)/.test(gateway.host)) return;
  throw new Error(
    `The gateway would listen on ${gateway.host} without a webhook secret: set AQ_WEBHOOK_SECRET, or HOST=127.0.0.1 to try it out.`,
  );
}

/** Runs in the background, because the gateway can accept deliveries while the inbox cannot be read. */
function startDispatcher(dispatcher: Dispatcher, logger: Logger): () => void {
  const stop = new AbortController();
  const starting = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        return await dispatcher.start();
      } catch (err) {
        logger.error(
          { err },
          `The inbox cannot be read, so no request is dispatched yet; retrying in ${formatDuration(retryStartMs, 'seconds')}.`,
        );
        await delay(retryStartMs, stop.signal);
      }
    }
  };
  void starting();
  return () => stop.abort();
}

function startClockWatch(client: Client, logger: Logger): () => void {
  const stop = new AbortController();
  void watchClock({ client, logger, signal: stop.signal });
  return () => stop.abort();
}
