import { cancellingSignal, pauseSignal, resumeSignal } from '../../../workflows/messages';
import { defined } from '../../../collections/defined';
import type { Client } from '@temporalio/client';
import { randomBytes } from 'node:crypto';
import { type DecisionProof, writeDecisionProof } from '../../../payloads/decision-proofs';
import { decisionProofKey } from '../../../payloads/keys';
import type { PayloadStore } from '../../../payloads/payload-store';
import { exportWorkflowId } from '../../../temporal/names';
import { exportProgress, workflowProgress } from '../show/export-progress';
import { askTemporal } from './ask-temporal';
import { storing } from '../../http/store-failure';
import type { Steered, SteerRequest } from '../operator-api';
import { findOpenRun, refuseEnded } from './open-run';
import { temporalRefusal } from './temporal-refusal';
import { exportQuery, listVisible, quoted } from '../list/visibility';

/** The signal that announces each; `cancel` follows it with Temporal's own. */
const signals = { pause: pauseSignal, resume: resumeSignal, cancel: cancellingSignal } as const;

const messages: Readonly<Record<SteerRequest['action'], string>> = {
  pause: 'Pause is asked for: calls in flight end, then nothing more is sent until resume.',
  resume: 'Resume is asked for: the first call goes alone.',
  cancel: 'Cancel is asked for: calls in flight end, then the report is written; requests behind it go on.',
};

/** Signals a run that is open; it acts as soon as a worker takes it. @throws {Refusal} 404, 409, 503 */
export async function steerExport(
  deps: { client: Client; store: PayloadStore },
  { issueId, action, by, reason }: SteerRequest,
): Promise<Steered> {
  await findOpenRun(deps, issueId);
  const progress = await exportProgress(deps.client, issueId).catch(() => undefined); // without a worker it is asked for all the same
  refuseEnded(issueId, progress);
  const words = { by, ...defined({ reason }) };
  const record = await writeProof(deps.store, { issueId, decision: action, ...words });
  const handle = deps.client.workflow.getHandle(exportWorkflowId(issueId));
  try {
    await askTemporal(deps.client, () => handle.signal(signals[action], { ...words, record }));
    if (action === 'cancel') await askTemporal(deps.client, () => handle.cancel());
  } catch (error) {
    const refusal = temporalRefusal(error);
    if (refusal.status < 500) await deps.store.remove(decisionProofKey(issueId, record)); // it did nothing and never will
    throw refusal;
  }
  return { issueId, action, message: messages[action] };
}

/** The proof that a token was shown: a name in a signal is a claim. Answers the record's name. */
async function writeProof(store: PayloadStore, said: Omit<DecisionProof, 'at'>): Promise<string> {
  const record = randomBytes(16).toString('hex');
  await storing(writeDecisionProof(store, record, { ...said, at: new Date().toISOString() }));
  return record;
}

/** Exports asked for at once. */
const pageSize = 100;

interface Destination {
  readonly destination: string;
  readonly by: string;
}

/** Resumes what waits for a destination; what a person paused stays paused. Answers the issue ids of those that go on. */
export async function resumeDestination(
  deps: { client: Client; store: PayloadStore },
  { destination, by }: Destination,
): Promise<string[]> {
  const query = exportQuery([
    `ExportDestination = ${quoted(destination)}`,
    "ExportStage = 'paused'",
    "ExecutionStatus = 'Running'",
  ]);
  const resumed: string[] = [];
  let page: string | undefined;
  do {
    const { runs, next } = await listVisible(deps.client, query, pageSize, page);
    const ids = await Promise.all(runs.map((run) => resumeOne(deps, run, by)));
    resumed.push(...ids.filter((id) => id !== undefined));
    page = next;
  } while (page !== undefined);
  return resumed;
}

/** Its issue id; undefined when it waits for a person, or ended just now. Without a worker it is asked for all the same. */
async function resumeOne(
  { client, store }: { client: Client; store: PayloadStore },
  run: { readonly workflowId: string; readonly issueId: string },
  by: string,
): Promise<string | undefined> {
  const progress = await workflowProgress(client, run.workflowId).catch(() => undefined);
  if (progress?.pausedBy === 'person') return undefined;
  const issueId = progress?.issueId ?? run.issueId; // visibility has only the beginning of a long one
  const proof =
    exportWorkflowId(issueId) === run.workflowId
      ? { record: await writeProof(store, { issueId, decision: 'resume', by }) }
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
