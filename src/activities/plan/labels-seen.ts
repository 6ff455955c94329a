import { LabelTable } from '../../collections/label-table';
import type { LeftOut } from '../../domain/plan';
import { formatNumber } from '../../text/format-number';

/** Table values below this are positions in the plan. Others are this plus an index of `details`. */
const firstDetail = 2 ** 31;

/**
 * Labels that a plan must not add: earlier attempts relabeled them, or the plan already has them. Built for
 * millions of labels.
 */
export class LabelsSeen {
  private readonly table = new LabelTable();
  private readonly details: string[] = [];
  private readonly detailIndexes = new Map<string, number>();

  /** @param detail which revision relabeled the label, and when. Use few different details: each is kept. */
  addRelabeled(labelId: string, detail: string): void {
    let index = this.detailIndexes.get(detail);
    if (index === undefined) {
      index = this.details.push(detail) - 1;
      this.detailIndexes.set(detail, index);
    }
    this.table.add(labelId, firstDetail + index);
  }

  isRelabeled(labelId: string): boolean {
    return (this.table.get(labelId) ?? 0) >= firstDetail;
  }

  /**
   * Claims a label for the plan.
   * @param position of the label in the plan, from 0.
   * @returns why the label is left out, or undefined when it is new.
   */
  addPlanned(labelId: string, position: number): Pick<LeftOut, 'reason' | 'position' | 'detail'> | undefined {
    if (this.table.add(labelId, position)) return undefined;
    const known = this.table.get(labelId) ?? 0;
    if (known >= firstDetail)
      return { reason: 'already-relabeled', detail: this.details[known - firstDetail] ?? '' };
    return {
      reason: 'same-label',
      position: known + 1,
      detail: `The plan already has the label, at position ${formatNumber(known + 1)}.`,
    };
  }
}
