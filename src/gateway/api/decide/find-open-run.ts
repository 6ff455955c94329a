import type { Client } from '@temporalio/client';
import { inboxEntriesForIssue } from '../../../payloads/inbox-entry';
import { issueFolder } from '../../../payloads/keys';
import type { PayloadStore } from '../../../payloads/payload-store';
import { reportHeadsIn } from '../../../payloads/report-head';
import { isOpenRun } from '../../../temporal/open-run';
import { type Refusal, refuse } from '../../http/refusal';
import { defined } from '../../../collections/defined';
import type { Progress } from '../../../workflows/messages';
import { hasEnded } from '../runs/has-ended';
import { type NewestRun, findNewestRun } from '../runs/find-newest-run';

/**
 * Finds the issue's open run.
 * @throws {Refusal} 404 when neither Temporal nor the store has an export of the issue; 409 with the outcome
 *   when the export has ended, or with the reason when its request is held; 503 when no run has started for
 *   the request yet, or when Temporal does not answer.
 */
export async function findOpenRun(
  { client, store }: { client: Client; store: PayloadStore },
  issueId: string,
): Promise<NewestRun> {
  const run = await findNewestRun(client, issueId);
  if (run && isOpenRun(run)) return run;
  const waiting = await inboxEntriesForIssue(store, issueId);
  if (waiting.some(({ handOver: { held, runId } }) => held === undefined && runId === undefined))
    throw refuse('not-started', { issueId });
  const [report] = await reportHeadsIn(store, issueFolder(issueId));
  // the entry's time is not clamped: a clock that is wrong changes only which of two true 409 answers is given
  const held = waiting.find(
    ({ handOver, request }) => handOver.held !== undefined && request.receivedAt > (report?.receivedAt ?? ''),
  );
  if (held) throw refuse('request-held', { issueId, reason: held.handOver.held ?? '' });
  if (report) throw exportClosed(issueId, report);
  if (run) throw refuse('export-closed', { kind: 'without-report', issueId, status: run.status });
  throw refuse('no-such-export', { issueId });
}

/**
 * Refuses a request about an export that has ended, although its run may still be open to send notices.
 * @throws {Refusal} 409 with the outcome when the export has ended.
 */
export function refuseIfEnded(issueId: string, progress: Progress | undefined): void {
  if (progress && hasEnded(progress)) throw exportClosed(issueId, progress);
}

function exportClosed(
  issueId: string,
  { revision, outcome }: { readonly revision: string; readonly outcome?: string },
): Refusal {
  return refuse('export-closed', { kind: 'ended', issueId, revision, ...defined({ outcome }) });
}
