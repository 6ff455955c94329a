import type { ChunkCounts } from '../../activities/contracts';
import type { LabelCounts } from '../../domain/receipt';
import type { CurrentExport } from './carried';

export const noCounts: ChunkCounts = { relabeled: 0, alreadyGone: 0, refused: 0, unconfirmed: 0 };

/** Labels of an export that have an outcome. */
export function labelsDone(current: Pick<CurrentExport, 'counts'> | undefined): number {
  const counts = current?.counts ?? noCounts;
  return counts.relabeled + counts.alreadyGone + counts.refused + counts.unconfirmed;
}

/** @param ended what has no outcome by now is withheld. */
export function toLabelCounts(
  current: Pick<CurrentExport, 'plan' | 'counts'> | undefined,
  ended: boolean,
): LabelCounts {
  const planned = current?.plan.labels ?? 0;
  return { planned, ...(current?.counts ?? noCounts), withheld: ended ? planned - labelsDone(current) : 0 };
}
