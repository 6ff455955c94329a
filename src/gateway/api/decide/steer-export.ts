import { cancellingSignal, pauseSignal, resumeSignal } from '../../../workflows/messages';
import { defined } from '../../../collections/defined';
import type { Client } from '@temporalio/client';
import { decisionProofKey } from '../../../payloads/keys';
import type { PayloadStore } from '../../../payloads/payload-store';
import { exportWorkflowId } from '../../../temporal/names';
import { isPausedInTemporal } from '../../../temporal/open-run';
import { namespaceFlag, unpauseRunCommand } from '../../../temporal/unpause-commands';
import { refuse } from '../../http/refusal';
import { queryProgress } from '../runs/query-progress';
import { askTemporal } from '../runs/ask-temporal';
import type { Steered, SteerRequest } from '../operator-api';
import { findOpenRun, refuseIfEnded } from './find-open-run';
import { pausedInTemporalNote, steerMessages } from './steer-messages';
import { temporalRefusal } from '../runs/temporal-refusal';
import { writeSignalProof } from './write-signal-proof';

/**
 * The signal for each action. For `cancel`, Temporal's own cancel request follows the signal, because the
 * request cannot carry the operator's name.
 */
const signals = { pause: pauseSignal, resume: resumeSignal, cancel: cancellingSignal } as const;

/**
 * Signals an open run to pause, resume or cancel. A pause and a cancel are also sent to a run
 * that Temporal itself paused.
 * @throws {Refusal} 404 or 409 when no export is open; 409 for a resume of a run that Temporal itself paused;
 *   503 when no run has started yet, or when Temporal does not answer.
 */
export async function steerExport(
  deps: { client: Client; store: PayloadStore },
  request: SteerRequest,
): Promise<Steered> {
  const { client } = deps;
  const { issueId, action, by, reason } = request;
  const run = await findOpenRun(deps, issueId);
  const isPaused = isPausedInTemporal(run);
  const unpauseWith = unpauseRunCommand(exportWorkflowId(issueId), namespaceFlag(client.options.namespace));
  if (isPaused && action === 'resume') throw refuse('paused-in-temporal', unpauseWith);
  // The signal is sent even without a worker: Temporal keeps it until one runs.
  const progress = isPaused ? undefined : await queryProgress(client, issueId).catch(() => undefined);
  refuseIfEnded(issueId, progress);
  const record = await writeSignalProof(deps.store, {
    issueId,
    decision: action,
    by,
    ...defined({ reason }),
  });
  const handle = client.workflow.getHandle(exportWorkflowId(issueId));
  try {
    const signal = { by, ...defined({ reason }), record };
    await askTemporal(client, () => handle.signal(signals[action], signal));
    if (action === 'cancel') await askTemporal(client, () => handle.cancel());
  } catch (error) {
    const refusal = temporalRefusal(error);
    // The signal has done nothing and never will, so its proof is not needed.
    if (refusal.status < 500) await deps.store.remove(decisionProofKey(issueId, record));
    throw refusal;
  }
  const notes = [...(isPaused ? [pausedInTemporalNote(unpauseWith)] : [])];
  return { issueId, action, message: [steerMessages[action], ...notes].join(' ') };
}
