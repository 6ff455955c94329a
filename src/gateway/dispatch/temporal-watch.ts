import type { Client } from '@temporalio/client';
import type { Logger } from '../../telemetry/logger';
import { withDeadline } from '../../temporal/grpc';
import { abortableDelay } from './abortable-delay';

export interface TemporalState {
  readonly reachable: boolean;
  /** The last error, while Temporal is unreachable. */
  readonly message?: string;
}

export interface TemporalWatchDeps {
  readonly client: Client;
  readonly logger: Logger;
  /** Temporal answers again, or answers with another database: every entry must be reconciled. */
  readonly onReturn: () => void;
  /** Temporal answers with a new database. Called again at every ping until it succeeds. */
  readonly onNewDatabase: () => Promise<void>;
  readonly times: { readonly pingMs: number; readonly deadlineMs: number };
}

/** Tracks whether Temporal answers: from the calls of the dispatcher, and from a ping every few seconds. */
export class TemporalWatch {
  private current: TemporalState = { reachable: true };
  private namespaceId: string | undefined;
  /** State of `onNewDatabase` for the database that answers now. */
  private preparation: 'due' | 'failed' | 'done' = 'due';

  constructor(private readonly deps: TemporalWatchDeps) {}

  get state(): TemporalState {
    return this.current;
  }

  /** Pings until `signal` aborts. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.ping();
      await abortableDelay(this.deps.times.pingMs, signal);
    }
  }

  /** Call it after every call that Temporal answered. */
  markReachable(): void {
    if (this.current.reachable) return;
    this.current = { reachable: true };
    this.deps.logger.info('Temporal answers again.');
    this.deps.onReturn();
  }

  /** Call it after every call that Temporal did not answer. @param error cut to 200 characters. */
  markUnreachable(error: string): void {
    const message = error.slice(0, 200);
    if (this.current.reachable)
      this.deps.logger.warn({ message }, 'Temporal does not answer; accepted requests wait in the inbox.');
    this.current = { reachable: false, message };
  }

  private async ping(): Promise<void> {
    const { client, times } = this.deps;
    const { namespace } = client.options;
    try {
      const { namespaceInfo } = await withDeadline(
        client,
        () => client.workflowService.describeNamespace({ namespace }),
        times.deadlineMs,
      );
      await this.checkDatabase(namespaceInfo?.id ?? undefined);
      this.markReachable();
    } catch (error) {
      this.markUnreachable(error instanceof Error ? error.message : String(error));
    }
  }

  /** If the namespace has another id under the same name, the database was lost, and every run with it. */
  private async checkDatabase(id: string | undefined): Promise<void> {
    if (id !== this.namespaceId) {
      if (this.namespaceId !== undefined) this.deps.onReturn();
      this.namespaceId = id;
      this.preparation = 'due';
    }
    if (this.preparation !== 'done') await this.prepareDatabase();
  }

  private async prepareDatabase(): Promise<void> {
    try {
      await this.deps.onNewDatabase();
      this.preparation = 'done';
    } catch (err) {
      if (this.preparation === 'due')
        this.deps.logger.warn({ err }, 'Search attributes cannot be registered; retrying.');
      // logged once: a gateway may never get the permission, where an operator registers the attributes
      this.preparation = 'failed';
    }
  }
}
