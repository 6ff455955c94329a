import type { ChunkCounts } from '../activities/contracts';
import type { CurrentExport } from './carried';

export const noCounts: ChunkCounts = { relabeled: 0, alreadyGone: 0, refused: 0, unconfirmed: 0 };

/** Labels of an export that have an outcome. */
export function labelsDone(current: CurrentExport | undefined): number {
  const counts = current?.counts ?? noCounts;
  return counts.relabeled + counts.alreadyGone + counts.refused + counts.unconfirmed;
}
