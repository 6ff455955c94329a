import { aheadMs, clampReceivedAt, type HeardRequest, moveClampedBefore } from '../domain/clamp-received-at';
import { isAbout } from '../domain/revision';
import { enqueue, includesRequest, isCoveredBy, newerThan, replaceRequests } from '../domain/queue';
import { type ExportRequest, isRequestForIssue } from '../domain/request';
import { describeLead } from '../text/clock-lead';
import { exportRequestedSignal } from './messages';
import { currentExport, type IssueState, openExport, preparingRequest } from './state/issue-state';
import type { Run } from './state/run';

/**
 * Queues a request, or joins it to a request with the same body. Accepting a request twice is harmless. Never
 * throws.
 */
export function acceptRequest(run: Run, request: ExportRequest): void {
  if (!isRequestForIssue(run.state.issueId, request)) {
    run.addLogEntry(
      `Signal ${exportRequestedSignal.name} carries no valid request for this issue; it is ignored.`,
    );
    return;
  }
  if (isKnown(run.state, request.requestId)) return;
  bindDecisions(run, request.sha256);
  if (request.again)
    run.addLogEntry(`Asked again by ${request.again.by}${quoteReason(request.again.reason)}.`);
  const heard = hear(run, request);
  const current = joinableExport(run.state, heard.request);
  if (current) {
    run.updateExport({ also: [...current.also, request.requestId] });
    return;
  }
  run.state.queue = enqueue(run.state.queue, heard, currentExport(run.state)?.request);
  run.showDetails();
}

function quoteReason(reason: string): string {
  return reason === '' ? '' : ` (${JSON.stringify(reason)})`;
}

/** Gives the request the `receivedAt` that every comparison uses: docs/decisions/025-a-receipt-in-the-future-is-clamped.md. */
function hear(run: Run, request: ExportRequest): HeardRequest {
  const now = Date.now();
  const heard = clampReceivedAt(request, now);
  const ahead = aheadMs(request, now);
  const lead = describeLead({ min: ahead, max: ahead });
  if (lead)
    run.addLogEntry(
      `Request ${request.requestId} was stamped at least ${lead} Temporal’s time, because a gateway’s clock is wrong; it counts as received at ${heard.request.receivedAt}.`,
    );
  moveClamped(run, heard.request);
  return heard;
}

function moveClamped(run: Run, heard: ExportRequest): void {
  const { queue } = run.state;
  const current = currentExport(run.state);
  const moved = moveClampedBefore(current ? [...queue, current] : queue, heard);
  if (moved.size === 0) return;
  run.state.queue = replaceRequests(queue, moved);
  if (current) run.updateExport({ request: moved.get(current.request.requestId) ?? current.request });
}

function isKnown(state: IssueState, requestId: string): boolean {
  const current = currentExport(state);
  return (
    state.reportedIds.includes(requestId) ||
    preparingRequest(state)?.requestId === requestId ||
    current?.request.requestId === requestId ||
    current?.also.includes(requestId) === true ||
    state.queue.some((queued) => includesRequest(queued, requestId))
  );
}

/** Once a request is accepted, the pending decisions about its revision refer to its full sha256. */
function bindDecisions(run: Run, sha256: string): void {
  run.state.pendingDecisions = run.state.pendingDecisions.map((pending) =>
    isAbout(pending.revision, sha256) ? { ...pending, revision: sha256 } : pending,
  );
}

/** The current export, if the request has the same body and no newer request of its project is queued. */
function joinableExport(state: IssueState, request: ExportRequest) {
  const current = openExport(state);
  if (!current || !isCoveredBy(current.request, request)) return undefined;
  return newerThan(state.queue, current.request).length === 0 ? current : undefined;
}
