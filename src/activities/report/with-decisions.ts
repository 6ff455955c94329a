import { defined } from '../../collections/defined';
import type { DecisionEntry } from '../../domain/decision-log';
import { cutToUnits } from '../../text/cut';
import type { ReportedLabel } from './reported-labels';

/** What stopped an export before all its labels were sent. */
export interface Stop {
  readonly reason?: string;
  readonly at: string;
  /** Who rejected; absent when the export was not rejected. */
  readonly decision?: string;
}

/** Maximum characters of the reason of each label; the head of the report has the full reason. */
const maxReasonLength = 300;

/**
 * Adds `decision` to each sent label: the sender of the first approval that covers the label. Adds to each
 * withheld label what stopped the export.
 */
export async function* withDecisions(
  labels: AsyncIterable<ReportedLabel>,
  decisions: readonly DecisionEntry[],
  stop: Stop | undefined,
): AsyncGenerator<ReportedLabel> {
  const approvals = decisions
    .filter(({ kind }) => kind !== 'reject')
    .toSorted(({ from: a = 0 }, { from: b = 0 }) => a - b);
  const cutStop = stop && {
    ...stop,
    ...defined({ reason: stop.reason === undefined ? undefined : cutToUnits(stop.reason, maxReasonLength) }),
  };
  let next = 0;
  for await (const label of labels) {
    while (next < approvals.length && approvals[next]!.upTo < label.position) next += 1;
    const entry = coversPosition(approvals[next], label.position) ? approvals[next] : undefined;
    if (label.outcome === 'withheld') yield { ...label, ...cutStop, ...defined({ reason: label.reason }) };
    else yield entry === undefined ? label : { ...label, decision: entry.who };
  }
}

function coversPosition(entry: DecisionEntry | undefined, position: number): boolean {
  return entry !== undefined && (entry.from ?? 0) < position && position <= entry.upTo;
}
