import { type LabelCounts, labelsDone, noLabels } from '../../domain/label-outcome';
import type { CurrentExport } from './carried';

/**
 * @param hasEnded true if no more labels will be sent: a label without an outcome then counts as withheld.
 */
export function toLabelCounts(
  current: Pick<CurrentExport, 'plan' | 'counts'> | undefined,
  hasEnded: boolean,
): LabelCounts {
  if (!current) return noLabels;
  const { plan, counts } = current;
  return { planned: plan.labels, ...counts, withheld: hasEnded ? plan.labels - labelsDone(counts) : 0 };
}
