import type { Channel } from '../../../domain/decision';
import type { Client } from '@temporalio/client';
import type { PayloadStore } from '../../../payloads/payload-store';
import { isWorkflowOf } from '../../../temporal/names';
import { openRuns } from '../../../temporal/open-run';
import { resumeSignal } from '../../../workflows/messages';
import { askTemporal } from '../runs/ask-temporal';
import { queryProgress } from '../runs/query-progress';
import { temporalRefusal } from '../runs/temporal-refusal';
import { exportQuery, listRuns, quote } from '../runs/visibility';
import { writeSignalProof } from './write-signal-proof';

/** Exports queried and signalled concurrently: one page from visibility. */
const pageSize = 100;

/** The operator, and how the operator reached the gateway. */
interface Resumer {
  readonly by: string;
  readonly through: Channel;
}

/**
 * Resumes every export that the destination paused. Exports that a person paused stay paused.
 * @returns the issue ids of the exports that were signalled.
 */
export async function resumeDestination(
  deps: { client: Client; store: PayloadStore },
  { destination, by, through }: { readonly destination: string } & Resumer,
): Promise<string[]> {
  const query = exportQuery([
    `ExportDestination = ${quote(destination)}`,
    "ExportStage = 'paused'",
    openRuns,
  ]);
  const resumed: string[] = [];
  let page: string | undefined;
  do {
    const { runs, next } = await listRuns(deps.client, query, pageSize, page);
    const ids = await Promise.all(runs.map((run) => resumeRun(deps, run, { by, through })));
    resumed.push(...ids.filter((id) => id !== undefined));
    page = next;
  } while (page !== undefined);
  return resumed;
}

/** @returns the issue id; undefined when a person paused the export, or when it has just ended. */
async function resumeRun(
  { client, store }: { client: Client; store: PayloadStore },
  run: { readonly workflowId: string; readonly issueId: string },
  { by, through }: Resumer,
): Promise<string | undefined> {
  // The signal is sent even without a worker: Temporal keeps it until one runs.
  const progress = await queryProgress(client, run.workflowId).catch(() => undefined);
  if (progress?.pausedBy === 'person') return undefined;
  const issueId = progress?.issueId ?? run.issueId; // visibility truncates a long id
  const proof = isWorkflowOf(issueId, run.workflowId)
    ? { record: await writeSignalProof(store, { issueId, decision: 'resume', by, through }) }
    : {};
  try {
    await askTemporal(client, () =>
      client.workflow
        .getHandle(run.workflowId)
        .signal(resumeSignal, { waitingFor: 'destination', by, ...proof }),
    );
    return issueId;
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return undefined;
    throw temporalRefusal(error);
  }
}
