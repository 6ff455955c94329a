import type { Client } from '@temporalio/client';
import { delay } from '../../clock/clock';
import type { Logger } from '../../telemetry/logger';
import { withDeadline } from '../../temporal/grpc';

export interface TemporalState {
  readonly reachable: boolean;
  /** The last error, while Temporal is unreachable. */
  readonly message?: string;
}

export interface TemporalWatchDeps {
  readonly client: Client;
  readonly logger: Logger;
  /** Called when Temporal answers again, or with another database. Every entry must be reconciled then. */
  readonly onReturn: () => void;
  /** Called when Temporal answers with a new database, and again at every ping until it succeeds. */
  readonly onNewDatabase: () => Promise<void>;
  readonly times: { readonly pingMs: number; readonly deadlineMs: number };
}

/** Tracks whether Temporal answers the dispatcher's calls and a ping every few seconds. */
export class TemporalWatch {
  private current: TemporalState = { reachable: true };
  private namespaceId: string | undefined;
  /** Whether `onNewDatabase` has succeeded for the current database. */
  private preparation: 'due' | 'failed' | 'done' = 'due';

  constructor(private readonly deps: TemporalWatchDeps) {}

  get state(): TemporalState {
    return this.current;
  }

  /** Pings until `signal` aborts. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.ping();
      await delay(this.deps.times.pingMs, signal);
    }
  }

  /** Call it after every call that Temporal answered. */
  markReachable(): void {
    if (this.current.reachable) return;
    this.current = { reachable: true };
    this.deps.logger.info('Temporal answers again.');
    this.deps.onReturn();
  }

  /** Call it after every call that Temporal did not answer. @param error is truncated to 200 characters. */
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

  /** If the namespace of this name has another id, the database was lost, and every run with it. */
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
      // logged only once: if operators register the attributes, the gateway may never have the permission
      this.preparation = 'failed';
    }
  }
}
