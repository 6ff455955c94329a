import type { DecisionEntry } from '../domain/decision-log';
import type { ReportedLabel } from './reported-labels';

/** Adds to each label who let it go: the first decision that reaches it. A withheld label was let go by nobody, or stopped since. */
export async function* withDecisions(
  labels: AsyncIterable<ReportedLabel>,
  decisions: readonly DecisionEntry[],
): AsyncGenerator<ReportedLabel> {
  const letGo = decisions.filter(({ kind }) => kind !== 'reject');
  let next = 0;
  for await (const label of labels) {
    while (next < letGo.length && letGo[next]!.upTo < label.position) next += 1;
    const entry = letGo[next];
    yield entry === undefined || label.outcome === 'withheld' ? label : { ...label, decision: entry.who };
  }
}
