import type { ItemOutcome } from '../domain/receipt';

/** A label of a plan, as an adapter sees it. */
export interface Item {
  readonly labelId: string;
}

export interface CallContext {
  /** The project's id at the labeling service. */
  readonly project: string;
  /** Idempotency key: the same in every retry of a call, different for every other call. */
  readonly key: string;
}

/** A fault that `check` found: a sentence for the operator. */
export interface Fault {
  readonly message: string;
}

/**
 * The port to a labeling service. To add an adapter:
 * 1. Write it in a folder of its own, e.g. `labeling/labelbox/`. Throw a `LabelingError` of the right kind
 *    for every failure; never retry a call.
 * 2. Add its kind to `Destination.adapter` in `config/config.ts`, and to the schema in
 *    `config/config-file.ts`.
 * 3. Build it in `labeling/create-labeling-service.ts`; the compiler asks for the case.
 * 4. Call `describeLabelingService` in its test: `test/labeling/describe-labeling-service.ts` tests every
 *    promise of this port.
 */
export interface LabelingService {
  /** Kind of the adapter, e.g. `labelbox`. */
  readonly name: string;
  /**
   * Whether a repeated call has the same effect as one call. When false, labels whose call got no answer end
   * as `unconfirmed`, unless `verify` finds their outcomes.
   */
  readonly idempotent: boolean;
  /** Maximum bytes of the ids in one call, as JSON. A longer range is split before a call is made. */
  readonly maxCallBytes: number;
  /**
   * Makes one call for all `items`, of which there is at least one.
   * @param signal aborts the call.
   * @returns one outcome for each item, in their order.
   * @throws {LabelingError} when the answer is not about these labels, or there is none.
   */
  relabel(items: readonly Item[], context: CallContext, signal: AbortSignal): Promise<RelabelAnswer>;
  /**
   * Finds the outcomes of `items` after a call whose answer was lost. It has no effect. Absent when the
   * service cannot tell.
   * @param context of the lost call.
   */
  verify?(items: readonly Item[], context: CallContext): Promise<readonly ItemOutcome[]>;
  /** Tests address and key without an effect, for `requeue doctor`. @returns no fault when both work. */
  check(): Promise<readonly Fault[]>;
  /** Waits for running calls, then closes pooled connections. Idempotent. */
  close(): Promise<void>;
}

export interface RelabelAnswer {
  /** How many labels the service reports to have taken; null when it reports no number. */
  readonly reported: number | null;
  readonly items: readonly ItemOutcome[];
}
