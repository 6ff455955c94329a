import type { ExportRequest } from '../../domain/request';

/** Repetitions of one body that are handed over at once. */
const maxRepetitionsAtOnce = 32;

/** The requests of one issue that wait for their hand-over, oldest first, each once. */
export class RequestQueue {
  private readonly waiting: ExportRequest[] = [];
  private readonly ids = new Set<string>();

  /** A request that waits already is not added. */
  add(request: ExportRequest): void {
    if (this.ids.has(request.requestId)) return;
    this.ids.add(request.requestId);
    let at = this.waiting.length;
    while (at > 0 && this.waiting[at - 1]!.requestId > request.requestId) at -= 1; // almost always the newest: nothing to step over
    this.waiting.splice(at, 0, request);
  }

  /** Takes the first and its repetitions right behind it: among the same body the order does not matter. */
  take(): ExportRequest[] {
    const [first] = this.waiting;
    if (!first) return [];
    const other = this.waiting.findIndex(
      (request) => request.sha256 !== first.sha256 || request.force !== first.force,
    );
    const taken = this.waiting.splice(
      0,
      Math.min(maxRepetitionsAtOnce, other < 0 ? this.waiting.length : other),
    );
    for (const { requestId } of taken) this.ids.delete(requestId);
    return taken;
  }
}
