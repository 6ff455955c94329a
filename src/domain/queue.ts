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
 * The queue with `request` in its place by `receivedAt`. A repetition of its neighbour of the same project (same body, not forced)
 * joins it: a thousand clicks on Export are one wish. A requestId that is already there changes nothing.
 * @param current what is being carried out: nothing joins across it.
 */
export function enqueue(queue: readonly Queued[], request: ExportRequest, current?: ExportRequest): Queued[] {
  if (queue.some((queued) => names(queued, request.requestId))) return [...queue];
  const place = findPosition(queue, request);
  const isNeighbour = ({ request: other }: Queued) =>
    other.project === request.project && !(current && liesBetween(current, other, request));
  const before = queue.slice(0, place).findLast(isNeighbour);
  const after = queue.slice(place).find(isNeighbour);
  if (before && isCoveredBy(before.request, request))
    return queue.map((queued) => (queued === before ? join(queued, request.requestId) : queued));
  if (after && isSameRequest(after.request, request))
    return queue.map((queued) => (queued === after ? join(queued, request.requestId) : queued));
  return queue.toSpliced(place, 0, { request, also: [] });
}

/** Whether `requestId` is the queued request's or one of its repetitions'. */
export function names(queued: Queued, requestId: string): boolean {
  return queued.request.requestId === requestId || queued.also.includes(requestId);
}

/** Whether two requests ask for the same thing: the same body, and neither insists on doing it again. */
export function isSameRequest(a: ExportRequest, b: ExportRequest): boolean {
  return a.sha256 === b.sha256 && !a.force && !b.force;
}

/** Whether carrying out `request` does what `repetition` asks for: the same body, and it does not insist on doing it again. */
export function isCoveredBy(request: ExportRequest, repetition: ExportRequest): boolean {
  return request.sha256 === repetition.sha256 && !repetition.force;
}

/**
 * Queued requests of the same project received after `request`, newest first: each may supersede it. Its own repetitions right
 * after it do not; one with another body in between is a new wish.
 */
export function newerThan(queue: readonly Queued[], request: ExportRequest): Queued[] {
  const newer = queue.filter(
    ({ request: other }) => other.project === request.project && byReceivedAt(other, request) > 0,
  );
  const firstOther = newer.findIndex(({ request: other }) => !isCoveredBy(request, other));
  return firstOther < 0 ? [] : newer.slice(firstOther).reverse();
}

/** Queued requests of the same project received before `request`: it supersedes them. */
export function olderThan(queue: readonly Queued[], request: ExportRequest): Queued[] {
  return queue.filter(
    (queued) => queued.request.project === request.project && byReceivedAt(queued.request, request) < 0,
  );
}

/** The queue without one request. */
export function without(queue: readonly Queued[], gone: Queued): Queued[] {
  return queue.filter((queued) => queued.request.requestId !== gone.request.requestId);
}

function findPosition(queue: readonly Queued[], request: ExportRequest): number {
  const place = queue.findIndex((queued) => byReceivedAt(queued.request, request) > 0);
  return place < 0 ? queue.length : place;
}

function liesBetween(middle: ExportRequest, one: ExportRequest, other: ExportRequest): boolean {
  return byReceivedAt(middle, one) > 0 !== byReceivedAt(middle, other) > 0;
}

function join(queued: Queued, requestId: string): Queued {
  return { ...queued, also: [...queued.also, requestId] };
}
