import type { NoticeEvent } from '../domain/notice-event';
import type { Route } from '../domain/route';
import { pluralize } from '../text/pluralize';

/** A configured labeling service. */
export interface Destination {
  /**
   * At most 60 letters, digits, `-` and `_`, because it is part of the task queue's name: `labeling-<name>`.
   */
  readonly name: string;
  readonly adapter: 'labelbox';
  readonly address: string;
  readonly key: string;
  /**
   * The GraphQL mutation to send instead of the guide's. It declares `$projectId` and `$labelIds`, and
   * optionally `$makeTemplates`. It selects a count, a list of ids or a boolean: only these confirm labels.
   */
  readonly mutation?: string;
  /** Maximum calls per second across all workers; absent: no limit. */
  readonly rate?: number;
  /** Maximum chunks in flight per export, and maximum calls in flight per worker. */
  readonly inFlight: number;
  /** Maximum labels per chunk. */
  readonly chunkLabels: number;
  /** Time-out of one call, in ms. */
  readonly timeoutMs: number;
}

/** A receiver: a configured outgoing webhook for notices. */
export interface Notice {
  /** At most 60 letters, digits, `-` and `_`. */
  readonly name: string;
  readonly address: string;
  /**
   * Standard Webhooks secrets (`whsec_...`). Every secret signs each notice, so that a secret can be rotated.
   * Empty for `slack`.
   */
  readonly secrets: readonly string[];
  readonly events: readonly NoticeEvent[];
  /**
   * `standard`: JSON, signed according to Standard Webhooks; `slack`: text for a Slack-compatible incoming
   * webhook.
   */
  readonly form: 'standard' | 'slack';
}

export interface Operator {
  readonly name: string;
  readonly token: string;
}

/** The settings from the environment and the config file. It is frozen, and only `loadConfig` creates it. */
export interface Config {
  readonly gateway: {
    readonly host: string;
    readonly port: number;
    readonly maxBodyBytes: number;
    readonly publicUrl: string;
  };
  /**
   * A gateway has at least one, except in `dev`. Without one, the webhook accepts any sender, but listens on
   * loopback only.
   */
  readonly webhookSecrets: readonly string[];
  readonly operators: readonly Operator[];
  readonly sandbox: { readonly port: number; readonly key: string };
  readonly temporal: {
    /** The ports of the Temporal server that `dev` starts. */
    readonly port: number;
    readonly uiPort: number;
    /** The Web UI's address, for links only. */
    readonly uiUrl: string;
  };
  readonly metricsPort: number;
  /** Absolute path. */
  readonly storeFolder: string;
  readonly destinations: readonly Destination[];
  readonly routes: readonly Route[];
  readonly notices: readonly Notice[];
}

/** The configuration is invalid. The message has one line for each error. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly errors: readonly string[]) {
    super(
      `The configuration has ${pluralize(errors.length, 'error')}:\n${errors.map((error) => `  - ${error}`).join('\n')}`,
    );
  }
}
