import type { AttemptRef } from '../../domain/attempt-ref';
import type { Plan } from '../../domain/plan';
import type { ItemOutcome, Range } from '../../domain/receipt';
import type { CallContext, Item, LabelingService } from '../../labeling/labeling-service';
import type { PayloadStore } from '../../payloads/payload-store';
import type { MarkOwner, ServerErrors } from '../../payloads/receipts';
import { stopIfCancelled } from '../heartbeating';
import type { PlanLabels } from './plan-labels';
import type { RetryAfterGate } from './retry-after-gate';

/** What the steps of `relabelChunk` share. */
export interface RelabelChunkDeps {
  readonly store: PayloadStore;
  /** The destination's name. */
  readonly destination: string;
  readonly service: LabelingService;
  /** Time-out of one call to `service`, in ms. */
  readonly timeoutMs: number;
  readonly plans: PlanLabels;
  readonly gate: RetryAfterGate;
}

/**
 * One call to the labeling service: its labels, and what the store has about earlier calls for them.
 */
export interface LabelingCall {
  readonly ref: AttemptRef;
  readonly plan: Plan;
  readonly range: Range;
  readonly items: readonly Item[];
  /** Range of an earlier call that included these labels, and whose answer was lost. */
  readonly lost: Range | undefined;
  /** How often this call has been made without an answer. */
  readonly noAnswers: number;
  /** The last calls for this range, when the service failed in all of them alike. */
  readonly serverErrors: ServerErrors | undefined;
  /** The call whose answer was lost repeated an earlier one: both may have had an effect. */
  readonly wasRepeated: boolean;
  /** Number of equal server errors after which the workflow is asked. */
  readonly answerAfter: number;
  /** Failed attempts of earlier activities for this range. */
  readonly failedBefore: number;
  readonly sentAt: string;
  /**
   * True: the sent-mark of this range belongs to an earlier call, so a call without effect must not remove
   * it.
   */
  readonly keepMark: boolean;
  /** The attempt that makes the call. Its sent-mark names it. */
  readonly owner: MarkOwner;
}

export function callContext(plan: Plan, range: Range): CallContext {
  return { project: plan.destinationProject, key: `${plan.requestId}/${range.from}-${range.to}` };
}

export function unconfirmed(items: readonly Item[]): ItemOutcome[] {
  return items.map(({ labelId }) => ({ labelId, outcome: 'unconfirmed', reason: unconfirmedReason }));
}

const unconfirmedReason =
  'The label may have been sent, but the labeling service did not report its outcome.';

/**
 * Prevents a new call while the Retry-After gate is closed, or after a cancellation. A call in flight is not
 * aborted, because its answer is worth a receipt.
 */
export function stopIfCallMayNotBegin({ gate }: Pick<RelabelChunkDeps, 'gate'>): void {
  stopIfCancelled();
  gate.pass();
}
