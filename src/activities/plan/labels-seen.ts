import { LabelTable } from '../../collections/label-table';
import type { LeftOut } from '../../domain/plan';

/** Values from here on are indexes of `details`, those below are positions in the plan. */
const firstDetail = 2 ** 31;

/**
 * Labels that a plan need not name again: earlier attempts relabeled them, or they are in it. One table for
 * both, for millions.
 */
export class LabelsSeen {
  private readonly table = new LabelTable();
  private readonly details: string[] = [];
  private readonly detailIndexes = new Map<string, number>();

  /** @param detail which revision relabeled it, and when; few different ones. */
  relabeled(labelId: string, detail: string): void {
    let index = this.detailIndexes.get(detail);
    if (index === undefined) {
      index = this.details.push(detail) - 1;
      this.detailIndexes.set(detail, index);
    }
    this.table.add(labelId, firstDetail + index);
  }

  /** Takes a label for a position of the plan; answers why not when it was seen before. */
  take(labelId: string, position: number): Pick<LeftOut, 'reason' | 'position' | 'detail'> | undefined {
    if (this.table.add(labelId, position)) return undefined;
    const seen = this.table.get(labelId) ?? 0;
    if (seen >= firstDetail)
      return { reason: 'already-relabeled', detail: this.details[seen - firstDetail] ?? '' };
    return {
      reason: 'same-label',
      position: seen + 1,
      detail: `The label is in the plan already, at position ${seen + 1}.`,
    };
  }
}
