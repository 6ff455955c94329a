import { intersectRanges, subtractRanges } from '../../domain/ranges';
import type { Range } from '../../domain/receipt';
import type { ReceiptFile } from '../../payloads/receipts';

/** A range of a plan whose outcomes are in one file, or in none. */
export interface Segment extends Range {
  readonly file: ReceiptFile | undefined;
  /** True: the labels have an outcome, but the file is gone. */
  readonly isLost?: true;
}

/**
 * Splits a plan at the boundaries of its receipts and sent-marks, in plan order and without gaps. Where files
 * overlap, a receipt wins over a mark. Between two files of the same kind, the one that begins later wins,
 * because smaller chunks are sent after larger ones.
 * @param labels number of labels in the plan.
 */
export function splitIntoSegments(files: readonly ReceiptFile[], labels: number): Segment[] {
  const inside = files
    .filter(({ from, to }) => from < to && from < labels)
    .toSorted((a, b) => a.from - b.from);
  const boundaries = [
    ...new Set([0, labels, ...inside.flatMap(({ from, to }) => [from, Math.min(to, labels)])]),
  ].sort((a, b) => a - b);
  const segments: Segment[] = [];
  let covering: ReceiptFile[] = [];
  let next = 0;
  for (const [index, from] of boundaries.slice(0, -1).entries()) {
    covering = covering.filter((file) => file.to > from);
    for (let file = inside[next]; file && file.from === from; file = inside[++next]) covering.push(file);
    segments.push({
      from,
      to: boundaries[index + 1]!,
      file: covering.findLast(({ kind }) => kind === 'receipt') ?? covering.at(-1),
    });
  }
  return segments;
}

/** Marks the positions that have neither a receipt nor a sent-mark although they have an outcome. */
export function markLost(segments: readonly Segment[], answered: readonly Range[]): Segment[] {
  return segments.flatMap((segment): Segment[] => {
    const lost = segment.file ? [] : intersectRanges([segment], answered);
    if (lost.length === 0) return [segment];
    const withheld = subtractRanges([segment], lost);
    const parts: Segment[] = [
      ...lost.map((range) => ({ ...range, file: undefined, isLost: true as const })),
      ...withheld.map((range) => ({ ...range, file: undefined })),
    ];
    return parts.sort((a, b) => a.from - b.from);
  });
}
