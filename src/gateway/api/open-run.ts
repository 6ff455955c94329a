import type { Client } from '@temporalio/client';
import { issueFolder } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { reportHeadsIn } from '../../payloads/report-head';
import { Refusal } from '../refusal';
import { type KnownRun, newestRunOf } from './is-known';

/** The issue's run that is open. @throws {Refusal} 404 when there was never an export, 409 with its outcome when it has ended, 503. */
export async function openRunOf({ client, store }: { client: Client; store: PayloadStore }, issueId: string): Promise<KnownRun> {
  const run = await newestRunOf(client, issueId);
  if (run?.status === 'RUNNING') return run;
  const [report] = await reportHeadsIn(store, issueFolder(issueId));
  const shown = JSON.stringify(issueId.slice(0, 100));
  if (report)
    throw new Refusal(409, 'export-closed', `the export of the issue ${shown} has ended: revision ${report.revision} ${report.outcome}.`);
  if (run) throw new Refusal(409, 'export-closed', `the workflow of the issue ${shown} has ended (${run.status}) without a report.`);
  throw new Refusal(404, 'no-such-export', `no export is known of the issue ${shown}.`);
}
