import type { ExportRequest } from '../../domain/request';

/** Maximum requests in a batch, which are dispatched concurrently. */
const maxBatch = 32;

/** The requests of one issue that wait for dispatch, oldest first, each once. */
export class RequestQueue {
  private readonly waiting: ExportRequest[] = [];
  private readonly ids = new Set<string>();

  /** Ignores a request that is already waiting. */
  add(request: ExportRequest): void {
    if (this.ids.has(request.requestId)) return;
    this.ids.add(request.requestId);
    let at = this.waiting.length;
    // a new request is usually the newest, so the loop ends immediately
    while (at > 0 && this.waiting[at - 1]!.requestId > request.requestId) at -= 1;
    this.waiting.splice(at, 0, request);
  }

  /**
   * Removes and returns the oldest request and those right behind it for the same body. Their order does not
   * matter.
   */
  take(): ExportRequest[] {
    const [first] = this.waiting;
    if (!first) return [];
    const end = this.waiting.findIndex(
      (request) => request.sha256 !== first.sha256 || request.force !== first.force,
    );
    const batch = this.waiting.splice(0, Math.min(maxBatch, end < 0 ? this.waiting.length : end));
    for (const { requestId } of batch) this.ids.delete(requestId);
    return batch;
  }
}
