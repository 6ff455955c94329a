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

/** Oldest first; the requestId breaks ties. */
export function byReceivedAt(a: ExportRequest, b: ExportRequest): number {
  return compare(a.receivedAt, b.receivedAt) || compare(a.requestId, b.requestId);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
