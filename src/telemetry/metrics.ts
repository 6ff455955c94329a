import { Counter, Gauge, Registry } from 'prom-client';

/** What the gateway's gauges show, looked at when they are asked for. */
export interface GatewayState {
  readonly temporalReachable: boolean;
  readonly storeReady: boolean;
  /** Entries of the inbox by state; absent when the store cannot be read. */
  readonly inbox?: { readonly waiting: number; readonly held: number; readonly unreadable: number };
}

export interface GatewayMetrics {
  /** @param result `accepted`, `test`, `ignored`, `aborted`, or the refusal's name. Never an id or a name of a sender's: a label's values must be few. */
  countDelivery(result: string, bytes: number): void;
  readonly contentType: string;
  /** In Prometheus' text format. */
  text(): Promise<string>;
}

/** The gateway's metrics, in a registry of their own: several gateways may live in one process. */
export function createGatewayMetrics(look: () => Promise<GatewayState>): GatewayMetrics {
  const registry = new Registry();
  const registers = [registry];
  const deliveries = new Counter({
    name: 'requeue_deliveries_total',
    help: 'Deliveries to the webhook, by result: accepted, test, ignored, aborted, or the name of the refusal.',
    labelNames: ['result'],
    registers,
  });
  const bytes = new Counter({
    name: 'requeue_delivery_bytes_total',
    help: 'Bytes of deliveries that were read to their end.',
    registers,
  });
  const inbox = new Gauge({
    name: 'requeue_inbox_entries',
    help: 'Accepted requests without a report, by state; held ones need an operator.',
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
    help: '1 while a delivery can be kept.',
    registers,
  });
  return {
    countDelivery(result, size) {
      deliveries.inc({ result });
      bytes.inc(size);
    },
    contentType: registry.contentType,
    async text() {
      const state = await look();
      temporal.set(state.temporalReachable ? 1 : 0);
      store.set(state.storeReady ? 1 : 0);
      inbox.reset();
      for (const [name, count] of Object.entries(state.inbox ?? {})) inbox.set({ state: name }, count);
      return registry.metrics();
    },
  };
}
