/** What became of one label that was sent. */
export type ItemOutcomeKind = 'relabeled' | 'already-gone' | 'refused' | 'unconfirmed';

export interface ItemOutcome {
  readonly labelId: string;
  readonly outcome: ItemOutcomeKind;
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

/** Labels by outcome. `withheld`: planned, never sent. */
export interface LabelCounts {
  readonly planned: number;
  readonly relabeled: number;
  readonly alreadyGone: number;
  readonly refused: number;
  readonly unconfirmed: number;
  readonly withheld: number;
}
