import type { Client, Connection } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/config';
import type { PayloadStore } from '../payloads/payload-store';
import { sweepTempFiles } from '../payloads/folder/sweep-temp-files';
import type { Logger } from '../telemetry/logger';
import { ensureSearchAttributes } from '../temporal/ensure-search-attributes';
import { createGateway } from './app';
import { createOperatorApi } from './api/create-operator-api';
import { createLinks } from './links';
import { createStamps } from './intake/stamps';
import { serve } from './http/server';
import { createDispatcher, type Dispatcher } from './dispatch/dispatcher';

/** What `connectClient` answers. */
export interface TemporalClient {
  readonly client: Client;
  readonly connection: Connection;
  readonly namespace: string;
}

export interface RunningGateway {
  readonly port: number;
  /** Takes no new delivery, lets those on their way end for 5 s, then stops the hand-over to Temporal. */
  close(): Promise<void>;
}

/** Between attempts to read the inbox when the gateway starts with a store that fails, in ms. */
const startAgainMs = 5000;

/** Builds the gateway and listens. It takes deliveries whether Temporal is there or not. */
export async function startGateway(deps: {
  config: Config;
  store: PayloadStore;
  temporal: TemporalClient;
  logger: Logger;
}): Promise<RunningGateway> {
  const { config, store, temporal, logger } = deps;
  refuseToBeOpen(config);
  const swept = await sweepTempFiles(config.storeFolder);
  if (swept > 0) logger.info({ swept }, 'Removed temp files that a killed process left behind.');
  const { client, connection, namespace } = temporal;
  const dispatcher = createDispatcher({
    store,
    client,
    logger,
    ensureAttributes: () => ensureSearchAttributes(connection, namespace),
  });
  const stamps = createStamps();
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
  return {
    port: server.port,
    async close() {
      await server.close();
      stopDispatcher();
      await dispatcher.close();
    },
  };
}

/** A second lock behind `loadConfig`: without a secret anybody who reaches the port could have labels deleted. */
function refuseToBeOpen({ webhookSecrets, gateway }: Config): void {
  if (webhookSecrets.length > 0 || /^(127\.|::1$|localhost$)/.test(gateway.host)) return;
  throw new Error(
    `The gateway would listen on ${gateway.host} without a webhook secret: set AQ_WEBHOOK_SECRET, or HOST=127.0.0.1 for trying it out.`,
  );
}

/** Listening does not wait for this: with Temporal down it may take long, and deliveries can be kept meanwhile. */
function startDispatcher(dispatcher: Dispatcher, logger: Logger): () => void {
  const stop = new AbortController();
  const starting = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        return await dispatcher.start();
      } catch (err) {
        logger.error(
          { err },
          'The inbox cannot be read, so nothing is handed over to Temporal yet; it is tried again in 5 s.',
        );
        await delay(startAgainMs, undefined, { signal: stop.signal }).catch(() => undefined);
      }
    }
  };
  void starting();
  return () => stop.abort();
}
