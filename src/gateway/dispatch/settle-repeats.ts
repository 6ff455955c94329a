import { delay } from '../../clock/clock';
import type { ExportRequest } from '../../domain/request';
import { addReportRequests } from '../../payloads/add-report-requests';
import type { ReportedAttempt } from '../../payloads/attempts';
import { findCompletedExport } from '../../payloads/find-completed-export';
import { readInboxEntry, removeInboxEntry } from '../../payloads/inbox-entry';
import { describeTemporalError, isUnreachable } from '../../temporal/grpc';
import { backOff, type DispatchDeps } from './dispatch-request';
import { hasOpenRun } from './workflow-status';

type SettleDeps = Omit<DispatchDeps, 'ensureAttributes'>;

/**
 * Ends repeats of a completed export without a run: adds them to its report, then removes their inbox entries
 * (docs/decisions/026-a-repeat-of-a-completed-export-opens-no-run.md). Idempotent.
 *
 * @param batch requests for the same body, all forced or none.
 * @returns the requests that need a run: the export is not completed, or a run of the issue is open.
 * @throws when the store fails. All entries whose request is not in the report are then still in the inbox.
 */
export async function settleRepeats(
  deps: SettleDeps,
  batch: readonly ExportRequest[],
): Promise<readonly ExportRequest[]> {
  const [first] = batch;
  const completed = first && (await findCompletedExport(deps.store, first));
  if (!completed || (await awaitOpenRun(deps, first.issueId))) return batch;
  await settle(deps, completed, await withoutRun(deps, batch));
  return [];
}

/** Retries until Temporal answers. @returns true also when Temporal refuses: the dispatch then holds the entries. */
async function awaitOpenRun({ client, watch, times, signal }: SettleDeps, issueId: string): Promise<boolean> {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      const isOpen = await hasOpenRun(client, issueId, times.deadlineMs);
      watch.markReachable();
      return isOpen;
    } catch (error) {
      if (!isUnreachable(error)) return true;
      watch.markUnreachable(describeTemporalError(error));
      await delay(backOff(times, attempt), signal);
    }
  }
  return true;
}

/** Skips entries that are gone, held or dispatched already: another gateway has handled them. */
async function withoutRun({ store }: SettleDeps, batch: readonly ExportRequest[]): Promise<string[]> {
  const ids: string[] = [];
  for (const { requestId } of batch) {
    const entry = await readInboxEntry(store, requestId);
    if (entry && entry.handOver.held === undefined && entry.handOver.runId === undefined) ids.push(requestId);
  }
  return ids;
}

async function settle(
  { store, logger }: SettleDeps,
  { ref, report }: ReportedAttempt,
  requestIds: readonly string[],
): Promise<void> {
  if (requestIds.length === 0) return;
  await addReportRequests(store, ref, requestIds);
  for (const requestId of requestIds) await removeInboxEntry(store, requestId); // last: now the report names them
  logger.info(
    { ...ref, duplicateOf: report.requestId, requestIds },
    'Added repeats of a completed export to its report.',
  );
}
