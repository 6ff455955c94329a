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
import { exportProgress } from '../show/export-progress';
import { Refusal, refuse } from '../../http/refusal';
import type { RefusalWithGivenSentence } from '../../http/refusals';
import { storing } from '../../http/store-failure';
import { decisionProofName } from './decision-proof-name';
import { earlierAnswer } from './earlier-answer';
import type { Decided, DecisionRequest } from '../operator-api';
import { findOpenRun, refuseEnded } from './open-run';
import { temporalRefusal } from './temporal-refusal';
import { withDeadline } from '../../../temporal/grpc';

/** A worker that does not answer within this is taken for away; the decision may still count. */
const deadlineMs = 5000;

/** How the workflow's refusals are answered; the sentence is its own. */
const refusalOfType: Readonly<Record<string, RefusalWithGivenSentence>> = {
  WrongRevision: 'wrong-revision',
  AlreadyDecided: 'already-decided',
  NothingAsked: 'nothing-asked',
  NotUsed: 'decision-not-used',
  Cancelled: 'export-cancelled',
  WrongUpTo: 'bad-up-to',
  InvalidDecision: 'bad-decision',
};

/**
 * Writes the decision down, then asks the workflow to decide. The same decision about the same question has the same update id:
 * tried again after a 503 it counts once, and is told what it did.
 * @throws {Refusal} 404, 409, 400; 503 when no worker answers.
 */
export async function decideExport(
  { client, store }: { client: Client; store: PayloadStore },
  request: DecisionRequest,
): Promise<Decided> {
  const { issueId, decision, revision, by, reason, upTo } = request;
  const { runId } = await findOpenRun({ client, store }, issueId);
  const progress = await exportProgress(client, issueId);
  refuseEnded(issueId, progress);
  const args: DecideArgs = {
    decision,
    revision,
    by,
    ...defined({ reason, upTo }),
  };
  const record = decisionProofName(issueId, runId, args, progress);
  const before = await storing(readDecisionProof(store, issueId, record)); // an earlier try: what used it stays known
  if (!before)
    await storing(writeDecisionProof(store, record, { issueId, ...args, at: new Date().toISOString() }));
  const forget = async (): Promise<void> => {
    if (before?.usedBy === undefined) await store.remove(decisionProofKey(issueId, record)); // it decided nothing and never will
  };
  const {
    result,
    message,
    revision: about,
  } = await update(client, issueId, { ...args, record }).catch(async (error: unknown) => {
    if (!(error instanceof Refusal) || error.status >= 500) throw error;
    await forget();
    const told = await earlierAnswer({ client, store }, issueId, record);
    if (!told) throw error;
    return told;
  });
  if (result === 'done') await forget();
  return { result, issueId, revision: about, message };
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
    throw refusalOfUpdate(error);
  }
}

function refusalOfUpdate(error: unknown): Refusal {
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
