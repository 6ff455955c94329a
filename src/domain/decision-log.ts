/** A decision that let labels go, as the report names it for each of them. */
export interface DecisionEntry {
  /** Labels up to this, from the one after the decision before it. */
  readonly upTo: number;
  /** `policy`, `ann (token)`, or `"ann" (claimed)`. At most 80 bytes. */
  readonly who: string;
  readonly at: string;
  /** At most 120 bytes; whole in the decision log of the store when it came with a token. */
  readonly reason?: string;
}

/** One line of the report about who decided what; `by` in a signal is a claim. */
export interface LogEntry {
  readonly at: string;
  readonly text: string;
}
