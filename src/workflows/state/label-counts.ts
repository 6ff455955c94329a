import { type LabelCounts, labelsDone, noLabels } from '../../domain/label-outcome';
import type { CurrentExport } from './carried';

/**
 * What became of an export's labels so far.
 * @param ended no label is sent any more: one without an outcome is withheld.
 */
export function toLabelCounts(
  current: Pick<CurrentExport, 'plan' | 'counts'> | undefined,
  ended: boolean,
): LabelCounts {
  if (!current) return noLabels;
  const { plan, counts } = current;
  return { planned: plan.labels, ...counts, withheld: ended ? plan.labels - labelsDone(counts) : 0 };
}
