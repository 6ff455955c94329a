import type { Range } from '../../domain/receipt';
import type { ReceiptFile } from '../../payloads/receipts';

/** Part of a plan of which one file, or none, tells the outcome. */
export interface Segment extends Range {
  readonly file: ReceiptFile | undefined;
}

/**
 * A plan of `labels` labels cut at the borders of its receipts and sent-marks, in order and without gaps. A
 * receipt tells more than a mark; of two of a kind the one that begins later, because smaller cuts come after
 * larger ones.
 */
export function splitIntoSegments(files: readonly ReceiptFile[], labels: number): Segment[] {
  const inside = files
    .filter(({ from, to }) => from < to && from < labels)
    .toSorted((a, b) => a.from - b.from);
  const borders = [
    ...new Set([0, labels, ...inside.flatMap(({ from, to }) => [from, Math.min(to, labels)])]),
  ].sort((a, b) => a - b);
  const segments: Segment[] = [];
  let covering: ReceiptFile[] = [];
  let next = 0;
  for (const [place, from] of borders.slice(0, -1).entries()) {
    covering = covering.filter((file) => file.to > from);
    for (let file = inside[next]; file && file.from === from; file = inside[++next]) covering.push(file);
    segments.push({
      from,
      to: borders[place + 1]!,
      file: covering.findLast(({ kind }) => kind === 'receipt') ?? covering.at(-1),
    });
  }
  return segments;
}
