import { Semaphore } from '../../collections/semaphore';
import type { ExportRequest } from '../../domain/request';
import type { Logger } from '../../telemetry/logger';
import { RequestQueue } from './request-queue';

/** Requests dispatched concurrently. With more, a busy development server gets no faster. */
const maxConcurrent = 32;

export interface KeyedQueueDeps {
  /**
   * Called with the requests for one body, before they are dispatched. While it runs, no request of the issue is
   * in progress. @returns the requests to dispatch.
   */
  readonly settle: (batch: readonly ExportRequest[]) => Promise<readonly ExportRequest[]>;
  /** Dispatches one request. May release its permit while the wait concerns only this request. */
  readonly process: (request: ExportRequest, semaphore: Semaphore) => Promise<void>;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/**
 * One queue per issue. The requests of an issue are dispatched one after the other, oldest first. Issues
 * don't wait for each other.
 */
export class KeyedQueue {
  private readonly queues = new Map<string, RequestQueue>();
  private readonly semaphore = new Semaphore(maxConcurrent);
  private readonly running = new Set<Promise<void>>();
  private isOpen = false;

  constructor(private readonly deps: KeyedQueueDeps) {}

  /**
   * Queues the request. If it is in progress, it is processed again afterwards, because its hold may have
   * been released meanwhile.
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
   * Starts processing. Until then, requests are only queued, because older inbox entries must be dispatched
   * before new requests.
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
      const left = await this.settle(batch);
      await Promise.all(left.map((request) => this.process(request)));
    }
    this.queues.delete(issueId); // in the same tick as the last `take`, so no request can be added in between
  }

  /** Never rejects. After a failure all requests are dispatched: their runs retry what has failed. */
  private async settle(batch: readonly ExportRequest[]): Promise<readonly ExportRequest[]> {
    try {
      return await this.semaphore.run(() => this.deps.settle(batch));
    } catch (err) {
      const { issueId } = batch[0] ?? {};
      this.deps.logger.warn(
        { err, issueId },
        'Repeats cannot be added to their report; they are dispatched.',
      );
      return batch;
    }
  }

  /** Never rejects, so a failure doesn't block the queue. */
  private async process(request: ExportRequest): Promise<void> {
    await this.semaphore.acquire();
    try {
      if (!this.deps.signal.aborted) await this.deps.process(request, this.semaphore);
    } catch (err) {
      const { requestId, issueId } = request;
      this.deps.logger.error(
        { err, requestId, issueId },
        'A request cannot be dispatched; the next sweep retries.',
      );
    } finally {
      this.semaphore.release();
    }
  }
}
