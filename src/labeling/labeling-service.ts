import type { ItemOutcome } from '../domain/receipt';

/** What a labeling service needs to know of one label of a plan. */
export interface Item {
  readonly labelId: string;
}

/** Where and under which key a call is made. */
export interface CallContext {
  /** The project's id at the labeling service. */
  readonly project: string;
  /** The same for every repetition of this call; distinct for every other. */
  readonly key: string;
}

/** Something `check` found: a sentence for the operator. */
export interface Fault {
  readonly message: string;
}

/** A labeling service. `test/labeling/describe-labeling-service.ts` holds every promise made here. */
export interface LabelingService {
  /** The adapter's kind, e.g. `labelbox`. */
  readonly name: string;
  /**
   * Whether a repeated call has one effect. False: an unknown effect ends as `unconfirmed` unless `verify`
   * can tell.
   */
  readonly idempotent: boolean;
  /** Bytes of one call's ids, at most; a longer range is cut before a call is made. */
  readonly maxCallBytes: number;
  /**
   * One call for all `items` (at least one); answers one outcome an item, in their order. An abort of
   * `signal` ends the call.
   * @throws {LabelingError} for everything but an answer about these labels.
   */
  relabel(items: readonly Item[], context: CallContext, signal: AbortSignal): Promise<RelabelAnswer>;
  /** What became of `items` after a call whose answer was lost; absent where the service cannot tell. */
  verify?(items: readonly Item[], context: CallContext): Promise<readonly ItemOutcome[]>;
  /** Cheap look at address and key, for `requeue doctor` and the worker's start; an empty list means well. */
  check(): Promise<readonly Fault[]>;
  /** Closes pooled connections. */
  close(): Promise<void>;
}

export interface RelabelAnswer {
  /** How many labels the service says it took; null when it does not say. */
  readonly reported: number | null;
  readonly items: readonly ItemOutcome[];
}
