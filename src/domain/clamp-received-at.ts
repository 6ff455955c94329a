import { byReceivedAt, type ExportRequest } from './request';

/** A request with the `receivedAt` that every comparison uses. */
export interface HeardRequest {
  readonly request: ExportRequest;
  /**
   * True: the clock of its gateway ran ahead, so its `receivedAt` is not the time of its receipt but the latest
   * time that is possible.
   */
  readonly clamped?: true;
}

/**
 * A `receivedAt` later than the time at which the request is first heard can't be true: it becomes that time. A
 * believable one is never changed.
 * @param now epoch ms.
 */
export function clampReceivedAt(request: ExportRequest, now: number): HeardRequest {
  return aheadMs(request, now) > 0
    ? { request: { ...request, receivedAt: new Date(now).toISOString() }, clamped: true }
    : { request };
}

/** By how many ms `receivedAt` is later than `now`. 0 for a `receivedAt` that is believable. */
export function aheadMs({ receivedAt }: ExportRequest, now: number): number {
  return Math.max(0, Date.parse(receivedAt) - now);
}

/**
 * A request that is heard after a clamped one is the newer one, even if its `receivedAt` is earlier: the clamped
 * requests of its project move to just before it, 1 ms apart, in their order.
 * @returns the requests that move, by requestId, with their new `receivedAt`.
 */
export function moveClampedBefore(
  known: readonly HeardRequest[],
  heard: ExportRequest,
): ReadonlyMap<string, ExportRequest> {
  const moved = new Map<string, ExportRequest>();
  let limit = heard;
  for (const { request, clamped } of newestFirst(known)) {
    if (!clamped || request.project !== heard.project) continue;
    if (byReceivedAt(request, limit) < 0) break;
    limit = { ...request, receivedAt: justBefore(limit) };
    moved.set(request.requestId, limit);
  }
  return moved;
}

function newestFirst(known: readonly HeardRequest[]): HeardRequest[] {
  return [...known].sort((a, b) => byReceivedAt(b.request, a.request));
}

function justBefore({ receivedAt }: ExportRequest): string {
  return new Date(Date.parse(receivedAt) - 1).toISOString();
}
