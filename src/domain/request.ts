import { shortRevision } from './revision';

/** The order to export one delivery. Signals and inbox entries contain it, so keep it under 4 KB. */
export interface ExportRequest {
  /**
   * E.g. `20261124T001122333Z-<12 hex>`: ids sort by time. The gateway makes it once, and it never changes. Each
   * attempt belongs to one requestId.
   */
  readonly requestId: string;
  readonly issueId: string;
  /** Truncated to 200 bytes; complete in the plan. */
  readonly issueName: string;
  /** The Aquarium project's name, truncated to 200 bytes; complete in the plan. */
  readonly project: string;
  /** The first 12 hex digits of `sha256`. */
  readonly revision: string;
  /** 64 hex digits. Identifies the delivery's body in the payload store. */
  readonly sha256: string;
  /** ISO 8601 with milliseconds, UTC. Strictly increasing within one gateway process. */
  readonly receivedAt: string;
  /** True: send every label, including labels that earlier exports relabeled. */
  readonly force: boolean;
  /** Present when an operator asked again for a delivery whose export has ended. */
  readonly again?: AskedAgain;
}

/** Who asked again, and why. */
export interface AskedAgain {
  /** The operator's name, from a token. */
  readonly by: string;
  /** At most 300 characters. */
  readonly reason: string;
  /** The newest attempt at the revision at that time. A report of a later one answers the request too. */
  readonly after: number;
}

/** Validates a signal's argument, because any Temporal client can send the signal. */
export function isRequestForIssue(issueId: string, value: unknown): value is ExportRequest {
  if (typeof value !== 'object' || value === null) return false;
  const {
    requestId,
    issueId: requestedIssueId,
    issueName,
    project,
    revision,
    sha256,
    receivedAt,
    force,
    again,
  } = value as Record<string, unknown>;
  return (
    requestedIssueId === issueId &&
    [requestId, sha256, receivedAt, issueName, project].every(
      (text) => typeof text === 'string' && text.length <= 1000,
    ) &&
    /^[0-9A-Za-z-]{1,80}$/.test(requestId as string) &&
    /^[0-9a-f]{64}$/.test(sha256 as string) &&
    revision === shortRevision(sha256 as string) &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(receivedAt as string) &&
    !Number.isNaN(Date.parse(receivedAt as string)) &&
    typeof force === 'boolean' &&
    (again === undefined || isAskedAgain(again))
  );
}

function isAskedAgain(value: unknown): value is AskedAgain {
  if (typeof value !== 'object' || value === null) return false;
  const { by, reason, after } = value as Record<string, unknown>;
  return (
    [by, reason].every((text) => typeof text === 'string' && text.length <= 1000) &&
    Number.isSafeInteger(after)
  );
}

/** Oldest first; the requestId breaks ties. */
export function byReceivedAt(a: ExportRequest, b: ExportRequest): number {
  return compare(a.receivedAt, b.receivedAt) || compare(a.requestId, b.requestId);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
