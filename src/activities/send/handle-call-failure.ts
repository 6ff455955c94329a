import { LabelingError } from '../../labeling/labeling-error';
import { refusalKey, sentKey } from '../../payloads/keys';
import { writeJson } from '../../payloads/small-objects';
import { writeSentMark } from '../../payloads/receipts';
import type { ChunkResult } from '../contracts';
import type { ClassifiedError } from '../failures';
import { stopIfCancelled } from '../heartbeating';
import type { LabelingCall, RelabelChunkDeps } from './labeling-call';
import { recordOutcomes } from './record-outcomes';

/**
 * Number of consecutive calls without an answer after which a chunk is split. One may be chance; two suggest
 * that the call is too large.
 */
const noAnswersBeforeSplit = 2;

/**
 * Turns a failed call into a result for the workflow, or into a failure that Temporal retries.
 * @param error the error that was classified.
 * @throws {ApplicationFailure} when the call is to be retried.
 * @throws {CancelledFailure} instead, if the activity was cancelled.
 */
export async function handleCallFailure(
  deps: RelabelChunkDeps,
  call: LabelingCall,
  classified: ClassifiedError,
  error: unknown,
): Promise<ChunkResult> {
  if (error instanceof LabelingError && error.retryAfterMs !== undefined) deps.gate.close(error.retryAfterMs);
  switch (classified.kind) {
    case 'unknown-effect':
      return handleNoAnswer(deps, call, classified.failure);
    case 'retryable':
      await removeMark(deps, call);
      stopIfCancelled();
      throw classified.failure;
    case 'too-large':
    case 'bad-items':
      if (call.items.length === 1) return recordRefusedLabel(deps, call, classified);
      await removeMark(deps, call);
      return { kind: classified.kind };
    case 'needs-person':
      await removeMark(deps, call);
      await recordRefusedCall(deps, call, classified);
      return { kind: 'needs-person', because: classified.because };
  }
}

/** True if the service refused the items or the size of the call, rather than every call. */
export function isAboutItems(
  classified: ClassifiedError,
): classified is Extract<ClassifiedError, { kind: 'too-large' | 'bad-items' }> {
  return classified.kind === 'too-large' || classified.kind === 'bad-items';
}

/**
 * Keeps the mark: the next attempt sees that the labels may have been relabeled, and marks the receipt
 * `repeated`.
 */
async function handleNoAnswer(
  deps: RelabelChunkDeps,
  call: LabelingCall,
  failure: Error,
): Promise<ChunkResult> {
  const noAnswers = call.noAnswers + 1;
  const { sentAt, owner } = call;
  await writeSentMark(deps.store, call.ref, call.range, { version: 1, sentAt, noAnswers, owner });
  if (noAnswers >= noAnswersBeforeSplit && call.items.length > 1 && deps.service.idempotent)
    return { kind: 'too-large' };
  stopIfCancelled();
  throw failure;
}

/** The call had no effect, so its mark is removed. The mark of an earlier call stays. */
async function removeMark({ store }: RelabelChunkDeps, call: LabelingCall): Promise<void> {
  if (!call.keepMark) await store.remove(sentKey(call.ref, call.range));
}

function recordRefusedLabel(
  deps: RelabelChunkDeps,
  call: LabelingCall,
  { message, detail }: Extract<ClassifiedError, { kind: 'too-large' | 'bad-items' }>,
): Promise<ChunkResult> {
  const reason = detail ?? message;
  return recordOutcomes(deps, call, {
    repeated: call.lost !== undefined,
    reported: 0,
    items: call.items.map(({ labelId }) => ({ labelId, outcome: 'refused', reason })),
  });
}

/**
 * Stores the service's own words for the operator. They may contain label ids, so they stay out of histories
 * and logs.
 */
async function recordRefusedCall(
  { store }: RelabelChunkDeps,
  { ref, range }: LabelingCall,
  { because, detail }: Extract<ClassifiedError, { kind: 'needs-person' }>,
): Promise<void> {
  await writeJson(store, refusalKey(ref, range), {
    version: 1,
    at: new Date().toISOString(),
    because,
    detail: detail ?? null,
  });
}
