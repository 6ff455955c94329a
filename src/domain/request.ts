/** What one delivery, or a replay of it, asks for. Travels in signals and inbox entries: keep it under 4 KB. */
export interface ExportRequest {
  /** Sorts by time: `20261124T001122333Z-<12 hex>`. Made once, by the gateway; an export attempt belongs to it for ever. */
  readonly requestId: string;
  readonly issueId: string;
  /** Cut to 200 bytes; whole in the plan. */
  readonly issueName: string;
  /** The Aquarium project's name, cut to 200 bytes; whole in the plan. */
  readonly project: string;
  /** The first 12 hex digits of `sha256`. */
  readonly revision: string;
  /** 64 hex digits: the delivery's body is kept under it. */
  readonly sha256: string;
  /** ISO 8601 with milliseconds, UTC. Strictly increasing within one gateway process. */
  readonly receivedAt: string;
  /** Plan and send all again, whatever earlier exports did. */
  readonly force: boolean;
}

/** Whether something that came by a signal is a whole request of this issue: anybody who reaches Temporal can send one. */
export function isRequestForIssue(issueId: string, given: unknown): given is ExportRequest {
  if (typeof given !== 'object' || given === null) return false;
  const {
    requestId,
    issueId: of,
    issueName,
    project,
    revision,
    sha256,
    receivedAt,
    force,
  } = given as Record<string, unknown>;
  return (
    of === issueId &&
    [requestId, sha256, receivedAt, issueName, project].every(
      (text) => typeof text === 'string' && text.length <= 1000,
    ) &&
    /^[0-9A-Za-z-]{1,80}$/.test(requestId as string) &&
    /^[0-9a-f]{64}$/.test(sha256 as string) &&
    revision === (sha256 as string).slice(0, 12) &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(receivedAt as string) &&
    typeof force === 'boolean'
  );
}

/** Oldest first; the requestId breaks ties. */
export function byReceivedAt(a: ExportRequest, b: ExportRequest): number {
  return compare(a.receivedAt, b.receivedAt) || compare(a.requestId, b.requestId);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
