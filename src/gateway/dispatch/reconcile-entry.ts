import type { ExportRequest } from '../../domain/request';
import { type InboxEntry, readInboxEntry, updateDispatchState } from '../../payloads/inbox-entry';
import type { PayloadStore } from '../../payloads/payload-store';
import type { Logger } from '../../telemetry/logger';
import { holdEntry } from './hold-entry';
import type { WorkflowStatus } from './workflow-status';
import type { DispatchedEntry } from './sweep-inbox';

/** Closes with the entry still there after which nobody tries any more. */
const closesToHold = 3;

export interface ReconcileDeps {
  readonly store: PayloadStore;
  readonly logger: Logger;
  /** Undefined when Temporal cannot be asked now. */
  readonly readStatus: (issueId: string, runId: string) => Promise<WorkflowStatus | undefined>;
  readonly dispatch: (request: ExportRequest) => void;
}

/** Looks at the run that took an entry: gives it again when no run has it any more, holds it when a person ended that run. */
export async function reconcileEntry(
  deps: ReconcileDeps,
  { requestId, issueId, runId }: DispatchedEntry,
): Promise<void> {
  const state = await deps.readStatus(issueId, runId);
  if (!state || (state.kind === 'running' && state.runId === runId)) return;
  const entry = await readInboxEntry(deps.store, requestId); // its report may be written by now, or another gateway has acted
  if (!entry || entry.handOver.held !== undefined || entry.handOver.runId !== runId) return;
  switch (state.kind) {
    case 'running':
      await updateDispatchState(deps.store, {
        ...entry,
        handOver: { ...entry.handOver, runId: state.runId },
      });
      return;
    case 'terminated':
      return holdEntry(deps, entry, 'A person terminated its workflow. Replay the delivery to release it.');
    case 'not-found':
      return dispatchAgain(deps, entry, entry.handOver.closes ?? 0);
    case 'closed':
      return dispatchOrHold(deps, entry, state.status);
  }
}

async function dispatchOrHold(deps: ReconcileDeps, entry: InboxEntry, status: string): Promise<void> {
  const closes = (entry.handOver.closes ?? 0) + 1;
  if (closes < closesToHold) return dispatchAgain(deps, entry, closes);
  await holdEntry(
    deps,
    entry,
    `Its workflow closed ${closes} times (${status}) without a report. Replay the delivery to release it.`,
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
