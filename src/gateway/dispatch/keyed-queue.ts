import { Semaphore } from '../../collections/semaphore';
import type { ExportRequest } from '../../domain/request';
import type { Logger } from '../../telemetry/logger';
import { RequestQueue } from './request-queue';

/** 32 requests are dispatched at once: a busy development server gets no faster with more. */
const maxConcurrent = 32;

export interface KeyedQueueDeps {
  /**
   * Dispatches one request. It may release its permit while it waits for something that concerns this request
   * alone.
   */
  readonly process: (request: ExportRequest, semaphore: Semaphore) => Promise<void>;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/**
 * One queue per issue. Requests of an issue are dispatched one after the other, in order; issues don't wait
 * for each other.
 */
export class KeyedQueue {
  private readonly queues = new Map<string, RequestQueue>();
  private readonly semaphore = new Semaphore(maxConcurrent);
  private readonly running = new Set<Promise<void>>();
  private isOpen = false;

  constructor(private readonly deps: KeyedQueueDeps) {}

  /**
   * Queues the request. If it is in progress now, it is processed again afterwards: it may have been released
   * meanwhile.
   */
  add(request: ExportRequest): void {
    const queue = this.queues.get(request.issueId);
    if (queue) return queue.add(request);
    const newQueue = new RequestQueue();
    newQueue.add(request);
    this.queues.set(request.issueId, newQueue);
    if (this.isOpen) this.start(request.issueId, newQueue);
  }

  /**
   * Starts processing. Before, requests are only queued: older entries of the inbox must come before new
   * requests.
   */
  open(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    for (const [issueId, queue] of this.queues) this.start(issueId, queue);
  }

  /** Resolves when no queue is in progress. */
  async idle(): Promise<void> {
    await Promise.all(this.running);
  }

  private start(issueId: string, queue: RequestQueue): void {
    const working = this.drain(issueId, queue).finally(() => this.running.delete(working));
    this.running.add(working);
  }

  private async drain(issueId: string, queue: RequestQueue): Promise<void> {
    for (let batch = queue.take(); batch.length > 0; batch = queue.take()) {
      if (this.deps.signal.aborted) return;
      await Promise.all(batch.map((request) => this.process(request)));
    }
    this.queues.delete(issueId); // in the same tick as the last `take`, so no request can be added in between
  }

  /** Never rejects: a failure doesn't block the queue. */
  private async process(request: ExportRequest): Promise<void> {
    await this.semaphore.acquire();
    try {
      if (!this.deps.signal.aborted) await this.deps.process(request, this.semaphore);
    } catch (err) {
      const { requestId, issueId } = request;
      this.deps.logger.error(
        { err, requestId, issueId },
        'A request cannot be dispatched; the next sweep tries again.',
      );
    } finally {
      this.semaphore.release();
    }
  }
}
