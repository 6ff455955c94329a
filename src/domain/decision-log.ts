/** A decision that counted, as the store and the report keep it. */
export interface DecisionEntry {
  /** Absent: it let labels go. */
  readonly kind?: 'reject';
  /** The labels it is about: up to this, from the one after the decision before it. */
  readonly upTo: number;
  /** `ann (token)`, or `"ann" (claimed)`. */
  readonly who: string;
  readonly at: string;
  /** Whole, as it was given. */
  readonly reason?: string;
}

/** One line of the report about who decided what; `by` in a signal is a claim. */
export interface LogEntry {
  readonly at: string;
  readonly text: string;
}
