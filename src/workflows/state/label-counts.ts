import { type LabelCounts, labelsDone, noLabels } from '../../domain/label-outcome';
import type { CurrentExport } from './carried';

/** @param hasEnded no more labels are sent: a label without an outcome counts as withheld. */
export function toLabelCounts(
  current: Pick<CurrentExport, 'plan' | 'counts'> | undefined,
  hasEnded: boolean,
): LabelCounts {
  if (!current) return noLabels;
  const { plan, counts } = current;
  return { planned: plan.labels, ...counts, withheld: hasEnded ? plan.labels - labelsDone(counts) : 0 };
}
