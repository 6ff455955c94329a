import type { ExportRequest } from '../../domain/request';
import { inboxEntries, type InboxEntry } from '../../payloads/inbox-entry';
import type { PayloadStore } from '../../payloads/payload-store';
import type { Logger } from '../../telemetry/logger';

export interface SweepDeps {
  readonly store: PayloadStore;
  readonly logger: Logger;
  /** An entry that no run has. */
  readonly dispatch: (request: ExportRequest) => void;
  /** The whole inbox was read. */
  readonly onRead: () => void;
  /** An entry that was given to a run. */
  readonly reconcile: (given: DispatchedEntry) => Promise<void>;
  readonly signal: AbortSignal;
}

/** An entry's request and the run that took it. */
export interface DispatchedEntry {
  readonly requestId: string;
  readonly issueId: string;
  readonly runId: string;
}

/** Reads every entry, oldest first, then looks at their runs one after the other. @throws when the inbox cannot be listed. */
export async function sweepInbox(deps: SweepDeps): Promise<void> {
  const given: DispatchedEntry[] = [];
  for await (const entry of inboxEntries(deps.store, (requestId, err) =>
    logUnreadable(deps.logger, requestId, err),
  )) {
    if (deps.signal.aborted) return;
    const one = dispatchedEntry(entry);
    if (one) given.push(one);
    else if (entry.handOver.held === undefined) deps.dispatch(entry.request);
  }
  deps.onRead();
  for (const one of given) {
    if (deps.signal.aborted) return;
    await deps.reconcile(one);
  }
}

function dispatchedEntry({ request, handOver }: InboxEntry): DispatchedEntry | undefined {
  if (handOver.held !== undefined || handOver.runId === undefined) return undefined;
  return { requestId: request.requestId, issueId: request.issueId, runId: handOver.runId };
}

function logUnreadable(logger: Logger, requestId: string, err: unknown): void {
  logger.error(
    { err, requestId },
    'An inbox entry cannot be read; its request waits until it is restored or removed.',
  );
}
