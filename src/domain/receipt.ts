import type { LabelOutcome } from './label-outcome';

export interface ItemOutcome {
  readonly labelId: string;
  readonly outcome: LabelOutcome;
  /** The service's or our sentence; may name label ids, so it stays in receipts and reports. */
  readonly reason?: string;
}

/** Half-open range `[from, to)` of positions in the plan. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** `receipts/<from>-<to>.json`: what the labeling service said about one chunk; `items` has `to - from` entries, in plan order. */
export interface Receipt extends Range {
  readonly version: 1;
  /** The call, or one before it whose answer was lost, may have been made twice. */
  readonly repeated: boolean;
  readonly sentAt: string;
  readonly answeredAt: string;
  /** Labels the call named, and how many the service says it took (null: it did not say). */
  readonly requested: number;
  readonly reported: number | null;
  readonly items: readonly ItemOutcome[];
}
