import { defined } from '../../collections/defined';
import type { DecisionEntry } from '../../domain/decision-log';
import { cutToUnits } from '../../text/cut';
import type { ReportedLabel } from './reported-labels';

/** What stopped an export before all was sent. */
export interface Stop {
  readonly reason?: string;
  readonly at: string;
  /** Who said no; absent when nobody did. */
  readonly decision?: string;
}

/** Characters of the reason in each row: the report's head has it whole. */
const reasonLength = 300;

/**
 * Adds to each label who let it go: the first decision that reaches it. A withheld one was let go by nobody,
 * or stopped since: it bears what stopped it.
 */
export async function* withDecisions(
  labels: AsyncIterable<ReportedLabel>,
  decisions: readonly DecisionEntry[],
  stop: Stop | undefined,
): AsyncGenerator<ReportedLabel> {
  const letGo = decisions.filter(({ kind }) => kind !== 'reject');
  const stopped = stop && {
    ...stop,
    ...defined({ reason: stop.reason === undefined ? undefined : cutToUnits(stop.reason, reasonLength) }),
  };
  let next = 0;
  for await (const label of labels) {
    while (next < letGo.length && letGo[next]!.upTo < label.position) next += 1;
    const entry = letGo[next];
    if (label.outcome === 'withheld') yield { ...label, ...stopped, ...defined({ reason: label.reason }) };
    else yield entry === undefined ? label : { ...label, decision: entry.who };
  }
}
