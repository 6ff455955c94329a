import type { Client } from '@temporalio/client';
import { inboxEntriesForIssue } from '../../../payloads/inbox-entry';
import { issueFolder } from '../../../payloads/keys';
import type { PayloadStore } from '../../../payloads/payload-store';
import { reportHeadsIn } from '../../../payloads/report-head';
import { exportWorkflowId } from '../../../temporal/names';
import { Refusal } from '../../http/refusal';
import type { Progress } from '../../../workflows/messages';
import { hasEnded } from '../runs/has-ended';
import { type NewestRun, findNewestRun } from '../runs/find-newest-run';

/**
 * Finds the issue's open run.
 * @throws {Refusal} 404 when the issue never had an export; 409 with the outcome when the export has ended,
 *   or with the reason when its request is held; 503 when the request is not started yet, or Temporal does
 *   not answer.
 */
export async function findOpenRun(
  { client, store }: { client: Client; store: PayloadStore },
  issueId: string,
): Promise<NewestRun> {
  const run = await findNewestRun(client, exportWorkflowId(issueId));
  if (run?.status === 'RUNNING') return run;
  const shown = JSON.stringify(issueId.slice(0, 100));
  const waiting = await inboxEntriesForIssue(store, issueId);
  if (waiting.some(({ handOver: { held, runId } }) => held === undefined && runId === undefined))
    throw notStarted(shown);
  const [report] = await reportHeadsIn(store, issueFolder(issueId));
  const held = waiting.find(
    ({ handOver, request }) => handOver.held !== undefined && request.receivedAt > (report?.receivedAt ?? ''),
  );
  if (held)
    throw new Refusal(
      409,
      'request-held',
      `the request of the issue ${shown} is held (${held.handOver.held}); replay its delivery.`,
    );
  if (report) throw exportClosed(issueId, report);
  if (run)
    throw new Refusal(
      409,
      'export-closed',
      `the workflow of the issue ${shown} has ended (${run.status}) without a report.`,
    );
  throw new Refusal(404, 'no-such-export', `no export is known of the issue ${shown}.`);
}

/**
 * Refuses an export that has ended although its run is still open for its notices.
 * @throws {Refusal} 409 with the outcome.
 */
export function refuseEnded(issueId: string, progress: Progress | undefined): void {
  if (progress && hasEnded(progress)) throw exportClosed(issueId, progress);
}

function exportClosed(
  issueId: string,
  { revision, outcome }: { readonly revision: string; readonly outcome?: string },
): Refusal {
  const shown = JSON.stringify(issueId.slice(0, 100));
  return new Refusal(
    409,
    'export-closed',
    `the export of the issue ${shown} has ended: revision ${revision} ${outcome ?? ''}.`,
  );
}

/** A decision right after a delivery may arrive before the dispatcher has started the run. */
function notStarted(issue: string): Refusal {
  return new Refusal(
    503,
    'not-started',
    `the export of the issue ${issue} is accepted and has not begun; try again in a moment.`,
    {
      'Retry-After': '5',
    },
  );
}
