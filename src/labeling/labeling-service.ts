import type { ItemOutcome } from '../domain/receipt';

/** A planned label, as an adapter receives it. */
export interface Item {
  readonly labelId: string;
}

export interface CallContext {
  /** The project's id at the labeling service. */
  readonly project: string;
  /** Idempotency key: the same for every retry of a call, and different for every other call. */
  readonly key: string;
}

/** A fault that `check` found. The message is a sentence for the operator. */
export interface Fault {
  readonly message: string;
}

/**
 * The port to a labeling service. To add an adapter:
 * 1. Write it in a folder of its own, e.g. `labeling/labelbox/`. Throw a `LabelingError` of the right kind
 *    for every failure; never retry a call.
 * 2. Add its kind to `Destination.adapter` in `config/config.ts`, and to the schema in
 *    `config/config-file.ts`.
 * 3. Build it in `labeling/create-labeling-service.ts`; the compiler reports the missing case.
 * 4. Call `describeLabelingService` in its test. `test/labeling/describe-labeling-service.ts` tests every
 *    promise of this port.
 */
export interface LabelingService {
  /** The adapter's kind, e.g. `labelbox`. */
  readonly name: string;
  /**
   * Whether a repeated call has the same effect as one call. If not, labels whose call got no answer end as
   * `unconfirmed`, unless `verify` finds their outcomes.
   */
  readonly idempotent: boolean;
  /** Maximum bytes of the ids in one call, as JSON. A longer range is split before a call is made. */
  readonly maxCallBytes: number;
  /**
   * Makes one call for all `items`; there is at least one.
   * @param signal aborts the call.
   * @returns one outcome for each item, in the same order.
   * @throws {LabelingError} when there is no answer, or the answer has no outcome for these labels.
   */
  relabel(items: readonly Item[], context: CallContext, signal: AbortSignal): Promise<RelabelAnswer>;
  /**
   * Finds the outcomes of `items` after a call whose answer was lost. It has no effect. Absent when the
   * service cannot report them.
   * @param context the context of the lost call.
   */
  verify?(items: readonly Item[], context: CallContext): Promise<readonly ItemOutcome[]>;
  /**
   * Tests the address and the key for `requeue doctor`. It has no effect.
   * @returns no fault when both work.
   */
  check(): Promise<readonly Fault[]>;
  /** Waits for running calls, then closes pooled connections. Idempotent. */
  close(): Promise<void>;
}

export interface RelabelAnswer {
  /** The number of labels that the service reports as processed; null when it reports no number. */
  readonly reported: number | null;
  readonly items: readonly ItemOutcome[];
}
