import { byReceivedAt, type ExportRequest } from './request';

/** A request that waits for its turn, and the ids of the same wish repeated right behind it. */
export interface Queued {
  readonly request: ExportRequest;
  /** Request ids that the report of `request` answers too. */
  readonly also: readonly string[];
  /** The attempt whose plan was made when this request was looked at in passing; made again when its turn comes. */
  readonly plannedAttempt?: number;
}

/**
 * The queue with `request` in its place by `receivedAt`. A repetition of its neighbour (same body, neither forced) joins the
 * neighbour: a thousand clicks on Export are one wish. A requestId that is already there changes nothing.
 */
export function enqueue(queue: readonly Queued[], request: ExportRequest): Queued[] {
  if (queue.some((queued) => names(queued, request.requestId))) return [...queue];
  const place = placeOf(queue, request);
  const before = queue[place - 1];
  const after = queue[place];
  if (before && isSameWish(before.request, request)) return queue.with(place - 1, join(before, request.requestId));
  if (after && isSameWish(after.request, request)) return queue.with(place, join(after, request.requestId));
  return queue.toSpliced(place, 0, { request, also: [] });
}

/** Whether `requestId` is the queued request's or one of its repetitions'. */
export function names(queued: Queued, requestId: string): boolean {
  return queued.request.requestId === requestId || queued.also.includes(requestId);
}

/** Whether two requests ask for the same thing: the same body, and neither insists on doing it again. */
export function isSameWish(a: ExportRequest, b: ExportRequest): boolean {
  return a.sha256 === b.sha256 && !a.force && !b.force;
}

/** Queued requests of the same project received after `request`, newest first: each may supersede it. */
export function newerThan(queue: readonly Queued[], request: ExportRequest): Queued[] {
  return queue.filter((queued) => queued.request.project === request.project && byReceivedAt(queued.request, request) > 0).reverse();
}

/** Queued requests of the same project received before `request`: it supersedes them. */
export function olderThan(queue: readonly Queued[], request: ExportRequest): Queued[] {
  return queue.filter((queued) => queued.request.project === request.project && byReceivedAt(queued.request, request) < 0);
}

/** The queue without one request. */
export function without(queue: readonly Queued[], gone: Queued): Queued[] {
  return queue.filter((queued) => queued.request.requestId !== gone.request.requestId);
}

function placeOf(queue: readonly Queued[], request: ExportRequest): number {
  const place = queue.findIndex((queued) => byReceivedAt(queued.request, request) > 0);
  return place < 0 ? queue.length : place;
}

function join(queued: Queued, requestId: string): Queued {
  return { ...queued, also: [...queued.also, requestId] };
}
