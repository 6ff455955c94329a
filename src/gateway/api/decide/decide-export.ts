import { nowIso } from '../../../clock/clock';
import { defined } from '../../../collections/defined';
import {
  type Client,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { writeDecisionProof, readDecisionProof } from '../../../payloads/decision-proofs';
import { decisionProofKey } from '../../../payloads/keys';
import type { PayloadStore } from '../../../payloads/payload-store';
import { type DecideArgs, type DecideResult, decideUpdate } from '../../../workflows/messages';
import { queryProgress } from '../runs/query-progress';
import { Refusal, refuse } from '../../http/refusal';
import type { RefusalWithGivenSentence } from '../../http/refusals';
import { storing } from '../../http/store-failure';
import { decisionProofName } from './decision-proof-name';
import { earlierAnswer } from './earlier-answer';
import { refuseOtherPlan } from './refuse-other-plan';
import type { Decided, DecisionRequest } from '../operator-api';
import { findOpenRun, refuseIfEnded } from './find-open-run';
import { temporalRefusal } from '../runs/temporal-refusal';
import { withDeadline } from '../../../temporal/grpc';

/**
 * In ms. An operator is waiting. A worker that takes longer counts as absent, but the decision may still take
 * effect.
 */
const deadlineMs = 5000;

/** The refusal for each error type of the workflow. The sentence comes from the workflow. */
const refusalOfType: Readonly<Record<string, RefusalWithGivenSentence>> = {
  WrongRevision: 'wrong-revision',
  AlreadyDecided: 'already-decided',
  NothingAsked: 'nothing-asked',
  NotUsed: 'decision-not-used',
  Cancelled: 'export-cancelled',
  QuestionExpired: 'question-expired',
  OtherPlan: 'plan-changed',
  WrongUpTo: 'bad-up-to',
  InvalidDecision: 'bad-decision',
};

/**
 * Writes the decision proof, then sends the decision to the workflow. The same decision on the same question
 * always has the same update id, so a retry after a 503 is idempotent and returns the first answer.
 * @throws {Refusal} 404 or 409 when no export is open; 400 or 409 when the workflow refuses the decision; 503
 *   when no run has started yet, or when the worker or Temporal does not answer.
 */
export async function decideExport(
  { client, store }: { client: Client; store: PayloadStore },
  request: DecisionRequest,
): Promise<Decided> {
  const { issueId, decision, revision, by, through, reason, upTo, plan } = request;
  const { workflowId, runId } = await findOpenRun({ client, store }, issueId);
  const progress = await queryProgress(client, workflowId);
  refuseIfEnded(issueId, progress);
  await refuseOtherPlan(store, request, progress);
  const args: DecideArgs = {
    decision,
    revision,
    by,
    ...defined({ reason, upTo, plan }),
  };
  const record = decisionProofName(issueId, runId, args, progress);
  // The proof from an earlier try is not overwritten: it may record which question used it.
  const earlier = await storing(readDecisionProof(store, issueId, record));
  if (!earlier) await storing(writeDecisionProof(store, record, { issueId, ...args, through, at: nowIso() }));
  const removeUnusedProof = async (): Promise<void> => {
    // An unused proof has decided nothing and never will.
    if (earlier?.usedBy === undefined) await store.remove(decisionProofKey(issueId, record));
  };
  const {
    result,
    message,
    revision: decidedRevision,
  } = await sendUpdate(client, workflowId, { ...args, record }).catch(async (error: unknown) => {
    if (!(error instanceof Refusal) || error.status >= 500) throw error;
    await removeUnusedProof();
    const answer = await earlierAnswer({ client, store }, { issueId, workflowId, record });
    if (!answer) throw error;
    return answer;
  });
  if (result === 'done') await removeUnusedProof();
  return { result, issueId, revision: decidedRevision, message };
}

async function sendUpdate(
  client: Client,
  workflowId: string,
  args: DecideArgs & { readonly record: string },
): Promise<DecideResult> {
  const handle = client.workflow.getHandle(workflowId);
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
    return refuse(refusalOfType[type ?? ''] ?? 'decision-refused', message);
  }
  if (
    error instanceof Error &&
    /already completed|not found/i.test(`${error.message} ${String(error.cause)}`)
  )
    return refuse('export-closed', { kind: 'just-now' });
  return temporalRefusal(error);
}

function noWorker(): Refusal {
  return refuse('no-worker', 'decision');
}
