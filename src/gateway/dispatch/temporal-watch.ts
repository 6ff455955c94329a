import type { Client } from '@temporalio/client';
import type { Logger } from '../../telemetry/logger';
import { withDeadline } from '../../temporal/grpc';
import { pause } from './abortable-delay';

export interface TemporalState {
  readonly reachable: boolean;
  /** The last thing that went wrong, while it is away. */
  readonly message?: string;
}

export interface TemporalWatchDeps {
  readonly client: Client;
  readonly logger: Logger;
  /** It came back, or came back with another database: every entry has to be looked at. */
  readonly onReturn: () => void;
  /** It answers with a database that was not seen before. Until it succeeds it is asked for again with every answer. */
  readonly onNewDatabase: () => Promise<void>;
  readonly times: { readonly pingMs: number; readonly deadlineMs: number };
}

/** Whether Temporal answers, from what everybody's calls saw and from asking it now and then. */
export class TemporalWatch {
  private last: TemporalState = { reachable: true };
  private namespaceId: string | undefined;
  /** Whether the database has been prepared. */
  private greeting: 'due' | 'failed' | 'done' = 'due';

  constructor(private readonly deps: TemporalWatchDeps) {}

  get state(): TemporalState {
    return this.last;
  }

  /** Asks until `signal` aborts. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.ask();
      await pause(this.deps.times.pingMs, signal);
    }
  }

  /** A call was answered. */
  reached(): void {
    if (this.last.reachable) return;
    this.last = { reachable: true };
    this.deps.logger.info('Temporal answers again.');
    this.deps.onReturn();
  }

  /** A call was not. */
  lost(words: string): void {
    const message = words.slice(0, 200);
    if (this.last.reachable)
      this.deps.logger.warn({ message }, 'Temporal does not answer; accepted requests wait in the inbox.');
    this.last = { reachable: false, message };
  }

  private async ask(): Promise<void> {
    const { client, times } = this.deps;
    const { namespace } = client.options;
    try {
      const { namespaceInfo } = await withDeadline(
        client,
        () => client.workflowService.describeNamespace({ namespace }),
        times.deadlineMs,
      );
      await this.compare(namespaceInfo?.id ?? undefined);
      this.reached();
    } catch (error) {
      this.lost(error instanceof Error ? error.message : String(error));
    }
  }

  /** A namespace of the same name with another id: the database was lost, and every run with it. */
  private async compare(id: string | undefined): Promise<void> {
    if (id !== this.namespaceId) {
      if (this.namespaceId !== undefined) this.deps.onReturn();
      this.namespaceId = id;
      this.greeting = 'due';
    }
    if (this.greeting !== 'done') await this.greet();
  }

  private async greet(): Promise<void> {
    try {
      await this.deps.onNewDatabase();
      this.greeting = 'done';
    } catch (err) {
      if (this.greeting === 'due')
        this.deps.logger.warn({ err }, 'Search attributes cannot be registered; it is tried again.');
      this.greeting = 'failed'; // said once: a gateway may lack the permission for good, where somebody else registers them
    }
  }
}
