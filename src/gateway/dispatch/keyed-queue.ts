import type { ExportRequest } from '../../domain/request';
import type { Logger } from '../../telemetry/logger';
import { Lane } from './request-queue';
import { Slots } from '../../collections/semaphore';

/** Requests that are handed over at once: a busy dev server takes more no faster. */
const handOversAtOnce = 32;

export interface LanesDeps {
  /** Hands one request over; may free its slot while it waits for something that is its own matter. */
  readonly handOver: (request: ExportRequest, slots: Slots) => Promise<void>;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** One lane an issue: its requests are handed over one after the other, in order; issues do not wait for each other. */
export class Lanes {
  private readonly lanes = new Map<string, Lane>();
  private readonly slots = new Slots(handOversAtOnce);
  private readonly works = new Set<Promise<void>>();
  private opened = false;

  constructor(private readonly deps: LanesDeps) {}

  /** Puts the request into its issue's lane. One that is being handed over right now waits for a second look: it may have been released. */
  add(request: ExportRequest): void {
    const lane = this.lanes.get(request.issueId);
    if (lane) return lane.add(request);
    const made = new Lane();
    made.add(request);
    this.lanes.set(request.issueId, made);
    if (this.opened) this.work(request.issueId, made);
  }

  /** Until then requests are only put in order: what the inbox held before comes before what arrives meanwhile. */
  open(): void {
    if (this.opened) return;
    this.opened = true;
    for (const [issueId, lane] of this.lanes) this.work(issueId, lane);
  }

  /** Resolves when no lane is worked on any more. */
  async ended(): Promise<void> {
    await Promise.all(this.works);
  }

  private work(issueId: string, lane: Lane): void {
    const working = this.workOn(issueId, lane).finally(() => this.works.delete(working));
    this.works.add(working);
  }

  private async workOn(issueId: string, lane: Lane): Promise<void> {
    for (let batch = lane.take(); batch.length > 0; batch = lane.take()) {
      if (this.deps.signal.aborted) return;
      await Promise.all(batch.map((request) => this.handOver(request)));
    }
    this.lanes.delete(issueId); // in the same turn as the empty look: nothing can be added in between
  }

  /** Never rejects: one that fails keeps up neither its repetitions nor its lane. */
  private async handOver(request: ExportRequest): Promise<void> {
    await this.slots.take();
    try {
      if (!this.deps.signal.aborted) await this.deps.handOver(request, this.slots);
    } catch (err) {
      const { requestId, issueId } = request;
      this.deps.logger.error({ err, requestId, issueId }, 'The hand-over of a request failed; the next sweep looks at it again.');
    } finally {
      this.slots.give();
    }
  }
}
