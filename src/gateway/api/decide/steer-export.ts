import { cancellingSignal, pauseSignal, resumeSignal } from '../../../workflows/messages';
import { defined } from '../../../collections/defined';
import type { Client } from '@temporalio/client';
import { decisionProofKey } from '../../../payloads/keys';
import type { PayloadStore } from '../../../payloads/payload-store';
import type { Logger } from '../../../telemetry/logger';
import { isPausedInTemporal } from '../../../temporal/open-run';
import { namespaceFlag, unpauseRunCommand } from '../../../temporal/unpause-commands';
import { refuse } from '../../http/refusal';
import { queryProgress } from '../runs/query-progress';
import { askTemporal } from '../runs/ask-temporal';
import type { Steered, SteerRequest } from '../operator-api';
import { findOpenRun, refuseIfEnded } from './find-open-run';
import { claimNote, pausedInTemporalNote, steerMessages } from './steer-messages';
import { temporalRefusal } from '../runs/temporal-refusal';
import { tryWriteSignalProof, writeSignalProof } from './write-signal-proof';

/**
 * The signal for each action. For `cancel`, Temporal's own cancel request follows the signal, because the
 * request cannot carry the operator's name.
 */
const signals = { pause: pauseSignal, resume: resumeSignal, cancel: cancellingSignal } as const;

interface Deps {
  readonly client: Client;
  readonly store: PayloadStore;
  readonly logger: Logger;
}

/**
 * Signals an open run to pause, resume or cancel. A pause and a cancel need only Temporal: they are sent while
 * the store fails, and to a run that Temporal itself paused.
 * @throws {Refusal} 404 or 409 when no export is open; 409 for a resume of a run that Temporal itself paused;
 *   503 when no run has started yet, or when Temporal does not answer; 503 or 507 for a resume when the store
 *   fails.
 */
export async function steerExport(deps: Deps, request: SteerRequest): Promise<Steered> {
  const { client } = deps;
  const { issueId, action, by, reason } = request;
  const run = await findOpenRun(deps, issueId);
  const isPaused = isPausedInTemporal(run);
  const unpauseWith = unpauseRunCommand(run.workflowId, namespaceFlag(client.options.namespace));
  if (isPaused && action === 'resume') throw refuse('paused-in-temporal', unpauseWith);
  // The signal is sent even without a worker: Temporal keeps it until one runs.
  const progress = isPaused ? undefined : await queryProgress(client, run.workflowId).catch(() => undefined);
  refuseIfEnded(issueId, progress);
  const record = await writeProof(deps, request);
  const handle = client.workflow.getHandle(run.workflowId);
  try {
    const signal = { by, ...defined({ reason, record }) };
    await askTemporal(client, () => handle.signal(signals[action], signal));
    if (action === 'cancel') await askTemporal(client, () => handle.cancel());
  } catch (error) {
    const refusal = temporalRefusal(error);
    // The signal has done nothing and never will, so its proof is not needed.
    if (refusal.status < 500 && record !== undefined)
      await deps.store.remove(decisionProofKey(issueId, record));
    throw refusal;
  }
  const notes = [
    ...(record === undefined ? [claimNote] : []),
    ...(isPaused ? [pausedInTemporalNote(unpauseWith)] : []),
  ];
  return { issueId, action, message: [steerMessages[action], ...notes].join(' ') };
}

/** @returns the proof's name; undefined when the store fails and the action stops an export. */
function writeProof(
  { store, logger }: Deps,
  { issueId, action, by, through, reason }: SteerRequest,
): Promise<string | undefined> {
  const proof = { issueId, decision: action, by, through, ...defined({ reason }) };
  if (action === 'resume') return writeSignalProof(store, proof);
  return tryWriteSignalProof(store, proof, (err) =>
    logger.warn(
      { err, issueId, action, by },
      'The store cannot keep the proof of a pause or cancel. The signal is sent without it.',
    ),
  );
}
