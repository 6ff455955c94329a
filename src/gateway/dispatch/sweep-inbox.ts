import type { ExportRequest } from '../../domain/request';
import { inboxEntries, type InboxEntry } from '../../payloads/inbox-entry';
import type { PayloadStore } from '../../payloads/payload-store';
import type { Logger } from '../../telemetry/logger';

export interface SweepDeps {
  readonly store: PayloadStore;
  readonly logger: Logger;
  /** Called for each entry that has no run and is not held. */
  readonly dispatch: (request: ExportRequest) => void;
  /** Called when the entire inbox has been read. */
  readonly onRead: () => void;
  /** Called for each entry that has a run. */
  readonly reconcile: (entry: DispatchedEntry) => Promise<void>;
  /** Called for each held entry. */
  readonly clear: (entry: InboxEntry) => Promise<void>;
  readonly signal: AbortSignal;
}

/** An entry's request, and the run that it was dispatched to. */
export interface DispatchedEntry {
  readonly requestId: string;
  readonly issueId: string;
  readonly runId: string;
}

/**
 * Reads every entry, oldest first, then reconciles those with a run and clears those that are held, one by one.
 *
 * @throws when the inbox cannot be listed.
 */
export async function sweepInbox(deps: SweepDeps): Promise<void> {
  const dispatched: DispatchedEntry[] = [];
  const held: InboxEntry[] = [];
  for await (const entry of inboxEntries(deps.store, (requestId, err) =>
    logUnreadable(deps.logger, requestId, err),
  )) {
    if (deps.signal.aborted) return;
    const withRun = dispatchedEntry(entry);
    if (withRun) dispatched.push(withRun);
    else if (entry.handOver.held === undefined) deps.dispatch(entry.request);
    else held.push(entry);
  }
  deps.onRead();
  for (const entry of dispatched) {
    if (deps.signal.aborted) return;
    await deps.reconcile(entry);
  }
  for (const entry of held) {
    if (deps.signal.aborted) return;
    await deps.clear(entry);
  }
}

function dispatchedEntry({ request, handOver }: InboxEntry): DispatchedEntry | undefined {
  if (handOver.held !== undefined || handOver.runId === undefined) return undefined;
  return { requestId: request.requestId, issueId: request.issueId, runId: handOver.runId };
}

function logUnreadable(logger: Logger, requestId: string, err: unknown): void {
  logger.error(
    { err, requestId },
    'An inbox entry cannot be read; its request waits until the operator restores or removes the file.',
  );
}
