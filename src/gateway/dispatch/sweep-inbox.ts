import type { ExportRequest } from '../../domain/request';
import { inboxEntries, type InboxEntry } from '../../payloads/inbox-entry';
import type { PayloadStore } from '../../payloads/payload-store';
import type { Logger } from '../../telemetry/logger';

export interface SweepDeps {
  readonly store: PayloadStore;
  readonly logger: Logger;
  /** An entry that no run has. */
  readonly give: (request: ExportRequest) => void;
  /** The whole inbox was read. */
  readonly onRead: () => void;
  /** An entry that was given to a run. */
  readonly lookAfter: (given: Given) => Promise<void>;
  readonly signal: AbortSignal;
}

/** An entry's request and the run that took it. */
export interface Given {
  readonly requestId: string;
  readonly issueId: string;
  readonly runId: string;
}

/** Reads every entry, oldest first, then looks at their runs one after the other. @throws when the inbox cannot be listed. */
export async function sweepInbox(deps: SweepDeps): Promise<void> {
  const given: Given[] = [];
  for await (const entry of inboxEntries(deps.store, (requestId, err) => tell(deps.logger, requestId, err))) {
    if (deps.signal.aborted) return;
    const one = givenOf(entry);
    if (one) given.push(one);
    else if (entry.handOver.held === undefined) deps.give(entry.request);
  }
  deps.onRead();
  for (const one of given) {
    if (deps.signal.aborted) return;
    await deps.lookAfter(one);
  }
}

function givenOf({ request, handOver }: InboxEntry): Given | undefined {
  if (handOver.held !== undefined || handOver.runId === undefined) return undefined;
  return { requestId: request.requestId, issueId: request.issueId, runId: handOver.runId };
}

function tell(logger: Logger, requestId: string, err: unknown): void {
  logger.error({ err, requestId }, 'An inbox entry cannot be read; its request waits until it is restored or removed.');
}
