import type { LabelCounts } from '../../domain/receipt';

/** Labels of which it is known what became of them: as the lists count them. */
export function doneOf({ relabeled, alreadyGone, refused, unconfirmed }: LabelCounts): number {
  return relabeled + alreadyGone + refused + unconfirmed;
}
