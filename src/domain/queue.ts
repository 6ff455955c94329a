import type { HeardRequest } from './clamp-received-at';
import { byReceivedAt, type ExportRequest } from './request';

/** A queued request, with the repeated requests that joined it. */
export interface Queued extends HeardRequest {
  /** Ids of the repeated requests, which the report of `request` also answers. */
  readonly also: readonly string[];
  /**
   * Attempt of a plan that was made before the request's turn. When its turn comes, the plan is made again.
   */
  readonly plannedAttempt?: number;
  /** No plan can be made until a person has restored a file. It supersedes nothing meanwhile. */
  readonly unplannable?: true;
}

/**
 * Inserts a request in order of receipt. A repeated request (same body, not forced) joins its neighbour of
 * the same project, so that a thousand clicks on Export make one export. A request that is already queued
 * changes nothing.
 * @param current request of the current export. The new one joins no neighbour if `current` came between the two.
 */
export function enqueue(queue: readonly Queued[], heard: HeardRequest, current?: ExportRequest): Queued[] {
  const { request } = heard;
  if (queue.some((queued) => includesRequest(queued, request.requestId))) return [...queue];
  const index = findIndex(queue, request);
  const isNeighbour = ({ request: other }: Queued) =>
    other.project === request.project && !(current && isBetween(current, other, request));
  const before = queue.slice(0, index).findLast(isNeighbour);
  const after = queue.slice(index).find(isNeighbour);
  if (before && isCoveredBy(before.request, request))
    return queue.map((queued) => (queued === before ? join(queued, request.requestId) : queued));
  if (after && isSameRequest(after.request, request))
    return queue.map((queued) => (queued === after ? join(queued, request.requestId) : queued));
  return queue.toSpliced(index, 0, { ...heard, also: [] });
}

export function includesRequest(queued: Queued, requestId: string): boolean {
  return queued.request.requestId === requestId || queued.also.includes(requestId);
}

/** True if both have the same body, and neither is forced or both ask again for everything. */
export function isSameRequest(a: ExportRequest, b: ExportRequest): boolean {
  return isCoveredBy(a, b) && isCoveredBy(b, a);
}

/**
 * True if one export of `request` is enough for both: the same body, and `repetition` is not forced. Operators who
 * ask again for everything at the same time mean one export, too.
 */
export function isCoveredBy(request: ExportRequest, repetition: ExportRequest): boolean {
  const asksForMore = repetition.force && !(request.force && request.again && repetition.again);
  return request.sha256 === repetition.sha256 && !asksForMore;
}

/**
 * Queued requests of the same project that were received after `request`, newest first. Each may supersede
 * it. Repeated requests that directly follow `request` don't count; those after a request with another body
 * do.
 */
export function newerThan(queue: readonly Queued[], request: ExportRequest): Queued[] {
  const newer = queue.filter(
    ({ request: other }) => other.project === request.project && byReceivedAt(other, request) > 0,
  );
  const firstOther = newer.findIndex(({ request: other }) => !isCoveredBy(request, other));
  return firstOther < 0 ? [] : newer.slice(firstOther).reverse();
}

/** Queued requests of the same project that were received before `request`, which may supersede them. */
export function olderThan(queue: readonly Queued[], request: ExportRequest): Queued[] {
  return queue.filter(
    (queued) => queued.request.project === request.project && byReceivedAt(queued.request, request) < 0,
  );
}

/** Replaces requests by those with the same id and another `receivedAt`, and restores the order of receipt. */
export function replaceRequests(
  queue: readonly Queued[],
  replacements: ReadonlyMap<string, ExportRequest>,
): Queued[] {
  return queue
    .map((queued) => ({ ...queued, request: replacements.get(queued.request.requestId) ?? queued.request }))
    .sort((a, b) => byReceivedAt(a.request, b.request));
}

export function without(queue: readonly Queued[], removed: Queued): Queued[] {
  return queue.filter((queued) => queued.request.requestId !== removed.request.requestId);
}

function findIndex(queue: readonly Queued[], request: ExportRequest): number {
  const index = queue.findIndex((queued) => byReceivedAt(queued.request, request) > 0);
  return index < 0 ? queue.length : index;
}

function isBetween(middle: ExportRequest, a: ExportRequest, b: ExportRequest): boolean {
  return byReceivedAt(middle, a) > 0 !== byReceivedAt(middle, b) > 0;
}

function join(queued: Queued, requestId: string): Queued {
  return { ...queued, also: [...queued.also, requestId] };
}
