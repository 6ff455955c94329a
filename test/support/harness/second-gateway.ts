import pino from 'pino';
import { createOperatorApi } from '../../../src/gateway/api/create-operator-api';
import { createGateway } from '../../../src/gateway/app';
import { createLinks } from '../../../src/gateway/links';
import { createStamps } from '../../../src/gateway/intake/stamps';
import { serve } from '../../../src/gateway/http/server';
import type { PayloadStore } from '../../../src/payloads/payload-store';
import { connectClient } from '../../../src/temporal/connection';
import type { Stack } from './stack';
import { startTemporalProxy, type TemporalProxy } from './temporal-proxy';

/**
 * A second gateway on a stack's store. It dispatches nothing, and tests can inject faults into its store and
 * connection.
 */
export interface SecondGateway {
  readonly port: number;
  /** Its connection to Temporal. */
  readonly proxy: TemporalProxy;
  /** Runs before the gateway writes a decision proof. */
  beforeRecord: () => Promise<unknown>;
  close(): Promise<void>;
}

export async function startSecondGateway(stack: Stack): Promise<SecondGateway> {
  const { config } = stack;
  const proxy = await startTemporalProxy(stack.target.address);
  const { client, connection, namespace } = connectClient({ address: proxy.address, env: {} });
  const store = withHookBeforeRecord(stack.store, () => second.beforeRecord());
  const dispatcher = {
    dispatch: () => undefined,
    settle: async (entry: unknown) => entry,
    temporalState: () => ({ reachable: true }),
  } as never;
  const links = createLinks({ publicUrl: config.gateway.publicUrl, uiUrl: config.temporal.uiUrl, namespace });
  const logger = pino({ level: 'silent' });
  const api = createOperatorApi({
    store,
    client,
    dispatcher,
    links,
    stamps: createStamps(store),
    destinations: config.destinations,
    logger,
  });
  const server = await serve(createGateway({ config, namespace, store, dispatcher, api, logger }), {
    host: '127.0.0.1',
    port: 0,
  });
  const second: SecondGateway = {
    port: server.port,
    proxy,
    beforeRecord: async () => undefined,
    async close() {
      await server.close();
      await connection.close();
      await proxy.close();
    },
  };
  return second;
}

function withHookBeforeRecord(store: PayloadStore, beforeRecord: () => Promise<unknown>): PayloadStore {
  return {
    ...store,
    async stage() {
      const staged = await store.stage();
      return {
        write: (chunk) => staged.write(chunk),
        flush: () => staged.flush(),
        commitIfAbsent: (key) => staged.commitIfAbsent(key),
        discard: () => staged.discard(),
        async commit(key) {
          if (key.includes('/decisions/')) await beforeRecord();
          await staged.commit(key);
        },
      };
    },
  };
}
