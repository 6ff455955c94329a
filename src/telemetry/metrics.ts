import { Counter, Gauge, Registry } from 'prom-client';

/** The values of the gateway's gauges, read at every scrape. */
export interface GatewayState {
  readonly temporalReachable: boolean;
  readonly storeReady: boolean;
  /** Inbox entries by state; absent when the store cannot be read. */
  readonly inbox?: { readonly waiting: number; readonly held: number; readonly unreadable: number };
}

export interface GatewayMetrics {
  /**
   * @param result `accepted`, `test`, `ignored`, `aborted`, or the refusal's name. Never text from a sender,
   *   because a metric's label must have few values.
   */
  countDelivery(result: string, bytes: number): void;
  readonly contentType: string;
  /** All metrics in Prometheus's text format. */
  text(): Promise<string>;
}

/** Creates the gateway's metrics in their own registry, because one process may run several gateways. */
export function createGatewayMetrics(readState: () => Promise<GatewayState>): GatewayMetrics {
  const registry = new Registry();
  const registers = [registry];
  const deliveries = new Counter({
    name: 'requeue_deliveries_total',
    help: "Deliveries to the webhook, by result: accepted, test, ignored, aborted, or the refusal's name.",
    labelNames: ['result'],
    registers,
  });
  const bytes = new Counter({
    name: 'requeue_delivery_bytes_total',
    help: 'Bytes of deliveries that were received in full.',
    registers,
  });
  const inbox = new Gauge({
    name: 'requeue_inbox_entries',
    help: 'Accepted requests without a report, by state. A held request needs an operator.',
    labelNames: ['state'],
    registers,
  });
  const temporal = new Gauge({
    name: 'requeue_temporal_reachable',
    help: '1 while Temporal answers.',
    registers,
  });
  const store = new Gauge({
    name: 'requeue_store_ready',
    help: '1 while deliveries can be stored.',
    registers,
  });
  return {
    countDelivery(result, size) {
      deliveries.inc({ result });
      bytes.inc(size);
    },
    contentType: registry.contentType,
    async text() {
      const state = await readState();
      temporal.set(state.temporalReachable ? 1 : 0);
      store.set(state.storeReady ? 1 : 0);
      inbox.reset();
      for (const [name, count] of Object.entries(state.inbox ?? {})) inbox.set({ state: name }, count);
      return registry.metrics();
    },
  };
}
