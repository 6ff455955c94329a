import type { Range } from './receipt';

/** An applied decision, as the store and the report keep it. */
export interface DecisionEntry {
  /** Absent for an approval. */
  readonly kind?: 'reject';
  /** How many labels were approved before the decision; it covers those behind them. Absent means 0. */
  readonly from?: number;
  /** The last position that the decision covers, from 1. */
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

/** @returns the positions that the decisions approved. */
export function approvedPositions(decisions: readonly DecisionEntry[]): Range[] {
  return decisions.flatMap(({ kind, from = 0, upTo }) => (kind === 'reject' ? [] : [{ from, to: upTo }]));
}
