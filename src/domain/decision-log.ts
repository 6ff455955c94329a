/** An applied decision, as the store and the report keep it. */
export interface DecisionEntry {
  /** Absent: an approval. */
  readonly kind?: 'reject';
  /** Last position that it decides, from 1; it begins behind the decision before it. */
  readonly upTo: number;
  /** `ann (token)`, or `"ann" (claimed)`. */
  readonly who: string;
  readonly at: string;
  /** Whole, in contrast to log entries; cut only beside a very long issue id. */
  readonly reason?: string;
}

/** One line about who did what, shown in progress and reports. */
export interface LogEntry {
  readonly at: string;
  /** At most 300 characters. */
  readonly text: string;
}
