import type { ExportRequest } from '../../domain/request';
import type { Logger } from '../../telemetry/logger';
import { RequestQueue } from './request-queue';
import { Semaphore } from '../../collections/semaphore';

/** Requests that are handed over at once: a busy dev server takes more no faster. */
const maxConcurrent = 32;

export interface KeyedQueueDeps {
  /** Hands one request over; may free its slot while it waits for something that is its own matter. */
  readonly process: (request: ExportRequest, slots: Semaphore) => Promise<void>;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** One lane an issue: its requests are handed over one after the other, in order; issues do not wait for each other. */
export class KeyedQueue {
  private readonly queues = new Map<string, RequestQueue>();
  private readonly semaphore = new Semaphore(maxConcurrent);
  private readonly running = new Set<Promise<void>>();
  private isOpen = false;

  constructor(private readonly deps: KeyedQueueDeps) {}

  /** Puts the request into its issue's lane. One that is being handed over right now waits for a second look: it may have been released. */
  add(request: ExportRequest): void {
    const lane = this.queues.get(request.issueId);
    if (lane) return lane.add(request);
    const made = new RequestQueue();
    made.add(request);
    this.queues.set(request.issueId, made);
    if (this.isOpen) this.start(request.issueId, made);
  }

  /** Until then requests are only put in order: what the inbox held before comes before what arrives meanwhile. */
  open(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    for (const [issueId, lane] of this.queues) this.start(issueId, lane);
  }

  /** Resolves when no lane is worked on any more. */
  async idle(): Promise<void> {
    await Promise.all(this.running);
  }

  private start(issueId: string, lane: RequestQueue): void {
    const working = this.drain(issueId, lane).finally(() => this.running.delete(working));
    this.running.add(working);
  }

  private async drain(issueId: string, lane: RequestQueue): Promise<void> {
    for (let batch = lane.take(); batch.length > 0; batch = lane.take()) {
      if (this.deps.signal.aborted) return;
      await Promise.all(batch.map((request) => this.process(request)));
    }
    this.queues.delete(issueId); // in the same turn as the empty look: nothing can be added in between
  }

  /** Never rejects: one that fails keeps up neither its repetitions nor its lane. */
  private async process(request: ExportRequest): Promise<void> {
    await this.semaphore.acquire();
    try {
      if (!this.deps.signal.aborted) await this.deps.process(request, this.semaphore);
    } catch (err) {
      const { requestId, issueId } = request;
      this.deps.logger.error(
        { err, requestId, issueId },
        'The hand-over of a request failed; the next sweep looks at it again.',
      );
    } finally {
      this.semaphore.release();
    }
  }
}
