import { cancellingSignal, pauseSignal, resumeSignal } from '../../../workflows/messages';
import { defined } from '../../../collections/defined';
import type { Client } from '@temporalio/client';
import { decisionProofKey } from '../../../payloads/keys';
import type { PayloadStore } from '../../../payloads/payload-store';
import { exportWorkflowId } from '../../../temporal/names';
import { queryProgress } from '../runs/query-progress';
import { askTemporal } from '../runs/ask-temporal';
import type { Steered, SteerRequest } from '../operator-api';
import { findOpenRun, refuseIfEnded } from './find-open-run';
import { steerMessages } from './steer-messages';
import { temporalRefusal } from '../runs/temporal-refusal';
import { writeSignalProof } from './write-signal-proof';

/**
 * The signal for each action. For `cancel`, Temporal's own cancel request follows the signal, because the
 * request cannot carry the operator's name.
 */
const signals = { pause: pauseSignal, resume: resumeSignal, cancel: cancellingSignal } as const;

/**
 * Signals an open run to pause, resume or cancel.
 * @throws {Refusal} 404 or 409 when no export is open; 503 when no run has started yet, or when Temporal does
 *   not answer.
 */
export async function steerExport(
  deps: { client: Client; store: PayloadStore },
  { issueId, action, by, reason }: SteerRequest,
): Promise<Steered> {
  await findOpenRun(deps, issueId);
  // The signal is sent even without a worker: Temporal keeps it until one runs.
  const progress = await queryProgress(deps.client, issueId).catch(() => undefined);
  refuseIfEnded(issueId, progress);
  const operator = { by, ...defined({ reason }) };
  const record = await writeSignalProof(deps.store, { issueId, decision: action, ...operator });
  const handle = deps.client.workflow.getHandle(exportWorkflowId(issueId));
  try {
    await askTemporal(deps.client, () => handle.signal(signals[action], { ...operator, record }));
    if (action === 'cancel') await askTemporal(deps.client, () => handle.cancel());
  } catch (error) {
    const refusal = temporalRefusal(error);
    // The signal has done nothing and never will, so its proof is not needed.
    if (refusal.status < 500) await deps.store.remove(decisionProofKey(issueId, record));
    throw refusal;
  }
  return { issueId, action, message: steerMessages[action] };
}
