import type { NoticeEvent } from '../domain/notice-event';
import type { Route } from '../domain/route';

/** A configured labeling service. */
export interface Destination {
  /** Letters, digits, `-` and `_`, at most 60: its task queue is `labeling-<name>`. */
  readonly name: string;
  readonly adapter: 'labelbox';
  readonly address: string;
  readonly key: string;
  /** GraphQL text of the mutation, instead of the guide's; takes `$projectId`, `$labelIds`, `$makeTemplates`. */
  readonly mutation?: string;
  /** Calls a second across all workers; absent: no limit. */
  readonly rate?: number;
  /** Chunks at once per export, and calls in flight per worker. */
  readonly inFlight: number;
  /** Labels a chunk, at most. */
  readonly chunkLabels: number;
  /** Time-out of one call. */
  readonly timeoutMs: number;
}

/** Somebody who is told of exports: an outgoing webhook. */
export interface Notice {
  /** Letters, digits, `-` and `_`, at most 60. */
  readonly name: string;
  readonly address: string;
  /** Standard Webhooks secrets (`whsec_...`); each signs, so that one can be replaced by another. Empty for `slack`. */
  readonly secrets: readonly string[];
  readonly events: readonly NoticeEvent[];
  /** `standard`: JSON signed as Standard Webhooks say; `slack`: a text for a Slack-compatible incoming webhook. */
  readonly form: 'standard' | 'slack';
}

/** Who may use the operator API. */
export interface Operator {
  readonly name: string;
  readonly token: string;
}

/** Everything the environment and the config file say; frozen. Built by `loadConfig` alone. */
export interface Config {
  readonly gateway: {
    readonly host: string;
    readonly port: number;
    readonly maxBodyBytes: number;
    readonly publicUrl: string;
  };
  /** Accepted webhook secrets; empty only in `dev`: then the webhook is open (and bound to loopback). */
  readonly webhookSecrets: readonly string[];
  readonly operators: readonly Operator[];
  readonly sandbox: { readonly port: number; readonly key: string };
  readonly temporal: {
    /** Ports of the server that `dev` starts. */
    readonly port: number;
    readonly uiPort: number;
    /** Address of the Web UI, for links. */
    readonly uiUrl: string;
  };
  readonly metricsPort: number;
  /** Absolute path. */
  readonly storeFolder: string;
  readonly destinations: readonly Destination[];
  readonly routes: readonly Route[];
  readonly notices: readonly Notice[];
}

/** One message with every fault of the configuration, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly faults: readonly string[]) {
    super(
      `The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    );
  }
}
