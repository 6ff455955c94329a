import type { LabelOutcome } from './label-outcome';

export interface ItemOutcome {
  readonly labelId: string;
  readonly outcome: LabelOutcome;
  /**
   * A sentence from the service or from Requeue. It may contain label ids, so only receipts and reports have
   * it.
   */
  readonly reason?: string;
}

/** Half-open range `[from, to)` of positions in the plan. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** `receipts/<from>-<to>.json`: the labeling service's answer to one chunk. */
export interface Receipt extends Range {
  readonly version: 1;
  /** The call may have been made twice, because an answer may have been lost. */
  readonly repeated: boolean;
  readonly sentAt: string;
  readonly answeredAt: string;
  /** Number of labels in the call. */
  readonly requested: number;
  /** Number of labels that the service reports as relabeled; null when it reports none. */
  readonly reported: number | null;
  /** `to - from` entries, in plan order. */
  readonly items: readonly ItemOutcome[];
}
