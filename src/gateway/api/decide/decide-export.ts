import { defined } from '../../../collections/defined';
import {
  type Client,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { writeDecisionProof, readDecisionProof } from '../../../payloads/decision-proofs';
import { decisionProofKey } from '../../../payloads/keys';
import type { PayloadStore } from '../../../payloads/payload-store';
import { exportWorkflowId } from '../../../temporal/names';
import { type DecideArgs, type DecideResult, decideUpdate } from '../../../workflows/messages';
import { queryProgress } from '../runs/query-progress';
import { Refusal } from '../../http/refusal';
import { storing } from '../../http/store-failure';
import { decisionProofName } from './decision-proof-name';
import { earlierAnswer } from './earlier-answer';
import type { Decided, DecisionRequest } from '../operator-api';
import { findOpenRun, refuseEnded } from './find-open-run';
import { temporalRefusal } from '../runs/temporal-refusal';
import { withDeadline } from '../../../temporal/grpc';

/**
 * Milliseconds: an operator waits. A worker that takes longer counts as absent, but the decision may still
 * count.
 */
const deadlineMs = 5000;

/** Status and name for each refusal of the workflow, which supplies the sentence. */
const refusalOfType: Readonly<Record<string, readonly [number, string]>> = {
  WrongRevision: [409, 'wrong-revision'],
  AlreadyDecided: [409, 'already-decided'],
  NothingAsked: [409, 'nothing-asked'],
  NotUsed: [409, 'decision-not-used'],
  Cancelled: [409, 'export-cancelled'],
  WrongUpTo: [400, 'bad-up-to'],
  InvalidDecision: [400, 'bad-decision'],
};

/**
 * Writes the decision's proof, then asks the workflow to decide. The same decision about the same question
 * has the same update id, so a retry after a 503 is idempotent and returns the first answer.
 * @throws {Refusal} 404 or 409 when no export is open; 400 or 409 when the workflow refuses the decision; 503
 *   when no worker answers.
 */
export async function decideExport(
  { client, store }: { client: Client; store: PayloadStore },
  request: DecisionRequest,
): Promise<Decided> {
  const { issueId, decision, revision, by, reason, upTo } = request;
  const { runId } = await findOpenRun({ client, store }, issueId);
  const progress = await queryProgress(client, issueId);
  refuseEnded(issueId, progress);
  const args: DecideArgs = {
    decision,
    revision,
    by,
    ...defined({ reason, upTo }),
  };
  const record = decisionProofName(issueId, runId, args, progress);
  // The proof of an earlier try is not overwritten: it may record which question used it.
  const earlier = await storing(readDecisionProof(store, issueId, record));
  if (!earlier)
    await storing(writeDecisionProof(store, record, { issueId, ...args, at: new Date().toISOString() }));
  const removeUnusedProof = async (): Promise<void> => {
    // An unused proof decided nothing and never will.
    if (earlier?.usedBy === undefined) await store.remove(decisionProofKey(issueId, record));
  };
  const {
    result,
    message,
    revision: decidedRevision,
  } = await update(client, issueId, { ...args, record }).catch(async (error: unknown) => {
    if (!(error instanceof Refusal) || error.status >= 500) throw error;
    await removeUnusedProof();
    const answer = await earlierAnswer({ client, store }, issueId, record);
    if (!answer) throw error;
    return answer;
  });
  if (result === 'done') await removeUnusedProof();
  return { result, issueId, revision: decidedRevision, message };
}

async function update(
  client: Client,
  issueId: string,
  args: DecideArgs & { readonly record: string },
): Promise<DecideResult> {
  const handle = client.workflow.getHandle(exportWorkflowId(issueId));
  try {
    return await withDeadline(
      client,
      () => handle.executeUpdate(decideUpdate, { args: [args], updateId: args.record }),
      deadlineMs,
      noWorker,
    );
  } catch (error) {
    throw updateRefusal(error);
  }
}

function updateRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return noWorker();
  if (error instanceof WorkflowUpdateFailedError && error.cause instanceof Error) {
    const { type, message } = error.cause as Error & { type?: string };
    const [status, code] = refusalOfType[type ?? ''] ?? [409, 'decision-refused'];
    return new Refusal(status, code, message);
  }
  if (
    error instanceof Error &&
    /already completed|not found/i.test(`${error.message} ${String(error.cause)}`)
  )
    return new Refusal(409, 'export-closed', 'the export ended just now; look at its report.');
  return temporalRefusal(error);
}

function noWorker(): Refusal {
  return new Refusal(
    503,
    'no-worker',
    'no worker answers now; the decision is written down and may still count. Try the same again.',
    {
      'Retry-After': '5',
    },
  );
}
