import type { ItemOutcome, Range } from '../../domain/receipt';
import type { ChunkResult } from '../contracts';
import { classifyError, type ClassifiedError } from '../failures';
import { handleCallFailure, isAboutItems } from './handle-call-failure';
import {
  callContext,
  type LabelingCall,
  type RelabelChunkDeps,
  stopIfCallMayNotBegin,
  unconfirmed,
} from './labeling-call';
import { recordOutcomes } from './record-outcomes';

/** What to do about labels whose earlier call may have had an effect. */
type NextStep =
  /** The service is idempotent: sending them again has the same effect as sending them once. */
  | { readonly kind: 'send-again' }
  /** The service reported their outcomes, or they cannot be found out and are `unconfirmed`. */
  | { readonly kind: 'record'; readonly items: readonly ItemOutcome[] }
  /** `verify` failed. */
  | { readonly kind: 'verify-failed'; readonly classified: ClassifiedError; readonly error: unknown };

/**
 * Finds out what became of a call whose answer was lost.
 * @param lost range of that call.
 * @returns undefined if the labels must be sent again.
 */
export async function resolveLostCall(
  deps: RelabelChunkDeps,
  call: LabelingCall,
  lost: Range,
): Promise<ChunkResult | undefined> {
  const step = await findNextStep(deps, call, lost);
  switch (step.kind) {
    case 'send-again':
      return undefined;
    case 'record':
      return recordOutcomes(deps, call, { repeated: call.wasRepeated, reported: null, items: step.items });
    case 'verify-failed':
      return handleCallFailure(deps, { ...call, keepMark: true }, step.classified, step.error);
  }
}

async function findNextStep(
  { service, gate }: RelabelChunkDeps,
  { plan, items }: LabelingCall,
  lost: Range,
): Promise<NextStep> {
  const recordUnconfirmed: NextStep = { kind: 'record', items: unconfirmed(items) };
  const withoutVerify: NextStep = service.idempotent ? { kind: 'send-again' } : recordUnconfirmed;
  if (!service.verify) return withoutVerify;
  let verified: readonly ItemOutcome[];
  try {
    stopIfCallMayNotBegin({ gate });
    verified = await service.verify(items, callContext(plan, lost));
  } catch (error) {
    const classified = withoutEffect(classifyError(error));
    // the service refused to verify the label; it may still have relabeled it
    if (items.length === 1 && isAboutItems(classified)) return recordUnconfirmed;
    return { kind: 'verify-failed', classified, error };
  }
  if (verified.length !== items.length) return withoutVerify;
  const isConfirmed = verified.every(({ outcome }) => outcome !== 'unconfirmed');
  return service.idempotent && !isConfirmed ? { kind: 'send-again' } : { kind: 'record', items: verified };
}

/** `verify` only reads, so it had no effect even when no answer came. */
function withoutEffect(classified: ClassifiedError): ClassifiedError {
  return classified.kind === 'unknown-effect'
    ? { kind: 'retryable', failure: classified.failure }
    : classified;
}
