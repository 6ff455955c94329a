import type { Client } from '@temporalio/client';
import { inboxEntries } from '../../payloads/inbox-entry';
import { issueFolder } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { reportHeadsIn } from '../../payloads/report-head';
import { workflowIdOf } from '../../temporal/names';
import { Refusal } from '../refusal';
import { type KnownRun, newestRunOf } from './is-known';

/** The issue's run that is open. @throws {Refusal} 404 when there was never an export, 409 with its outcome when it has ended, 503. */
export async function openRunOf({ client, store }: { client: Client; store: PayloadStore }, issueId: string): Promise<KnownRun> {
  const run = await newestRunOf(client, workflowIdOf(issueId));
  if (run?.status === 'RUNNING') return run;
  const shown = JSON.stringify(issueId.slice(0, 100));
  if (await isToStart(store, issueId)) throw notStarted(shown);
  const [report] = await reportHeadsIn(store, issueFolder(issueId));
  if (report)
    throw new Refusal(409, 'export-closed', `the export of the issue ${shown} has ended: revision ${report.revision} ${report.outcome}.`);
  if (run) throw new Refusal(409, 'export-closed', `the workflow of the issue ${shown} has ended (${run.status}) without a report.`);
  throw new Refusal(404, 'no-such-export', `no export is known of the issue ${shown}.`);
}

/** Accepted, and on its way to Temporal: whoever decides right after the delivery may come before its run. */
async function isToStart(store: PayloadStore, issueId: string): Promise<boolean> {
  for await (const { request, handOver } of inboxEntries(store))
    if (request.issueId === issueId && handOver.held === undefined && handOver.runId === undefined) return true;
  return false;
}

function notStarted(issue: string): Refusal {
  return new Refusal(503, 'not-started', `the export of the issue ${issue} is accepted and has not begun; try again in a moment.`, {
    'Retry-After': '5',
  });
}
