import type { ExportRequest } from '../../domain/request';
import { type InboxEntry, readInboxEntry, updateDispatchState } from '../../payloads/inbox-entry';
import type { PayloadStore } from '../../payloads/payload-store';
import type { Logger } from '../../telemetry/logger';
import { holdEntry } from './hold-entry';
import type { WorkflowStatus } from './workflow-status';
import type { DispatchedEntry } from './sweep-inbox';

/** How often a workflow may close without a report before the entry is held. */
const closesToHold = 3;

export interface ReconcileDeps {
  readonly store: PayloadStore;
  readonly logger: Logger;
  /** Resolves to undefined when Temporal does not answer. */
  readonly readStatus: (issueId: string, runId: string) => Promise<WorkflowStatus | undefined>;
  readonly dispatch: (request: ExportRequest) => void;
}

/**
 * Reconciles an entry with its run. Dispatches its request again when the run is gone. Holds the entry when a
 * person terminated the run, or when the workflow closed three times without a report.
 */
export async function reconcileEntry(
  deps: ReconcileDeps,
  { requestId, issueId, runId }: DispatchedEntry,
): Promise<void> {
  const status = await deps.readStatus(issueId, runId);
  if (!status || (status.kind === 'running' && status.runId === runId)) return;
  // meanwhile the report may have been written, or another gateway may have changed the entry
  const entry = await readInboxEntry(deps.store, requestId);
  if (!entry || entry.handOver.held !== undefined || entry.handOver.runId !== runId) return;
  switch (status.kind) {
    case 'running':
      await updateDispatchState(deps.store, {
        ...entry,
        handOver: { ...entry.handOver, runId: status.runId },
      });
      return;
    case 'terminated':
      return holdEntry(deps, entry, 'A person terminated its workflow. Replay the delivery, or drop it.');
    case 'not-found':
      return dispatchAgain(deps, entry, entry.handOver.closes ?? 0);
    case 'closed':
      return dispatchOrHold(deps, entry, status.status);
  }
}

async function dispatchOrHold(deps: ReconcileDeps, entry: InboxEntry, status: string): Promise<void> {
  const closes = (entry.handOver.closes ?? 0) + 1;
  if (closes < closesToHold) return dispatchAgain(deps, entry, closes);
  await holdEntry(
    deps,
    entry,
    `Its workflow closed ${closes} times (${status}) without a report. Replay the delivery, or drop it.`,
  );
}

async function dispatchAgain(
  { store, dispatch }: ReconcileDeps,
  { request }: InboxEntry,
  closes: number,
): Promise<void> {
  if (await updateDispatchState(store, { request, handOver: closes > 0 ? { closes } : {} }))
    dispatch(request);
}
