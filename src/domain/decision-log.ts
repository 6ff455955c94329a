/** An applied decision, as the store and the report keep it. */
export interface DecisionEntry {
  /** Absent for an approval. */
  readonly kind?: 'reject';
  /**
   * The last position that the decision covers, from 1. The first one follows the previous decision's last.
   */
  readonly upTo: number;
  /** `ann (token)`, or `"ann" (claimed)`. */
  readonly who: string;
  readonly at: string;
  /** The full reason, unlike in log entries. Truncated only beside a very long issue id. */
  readonly reason?: string;
}

/** One line about who did what, shown in progress and reports. */
export interface LogEntry {
  readonly at: string;
  /** At most 300 characters. */
  readonly text: string;
}
