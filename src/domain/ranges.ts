import type { Range } from './receipt';

/** @returns the same positions in as few ranges as possible, sorted. */
export function mergeRanges(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    if (from >= to) continue;
    const last = merged.at(-1);
    if (last && from <= last.to) merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    else merged.push({ from, to });
  }
  return merged;
}

/** @param ranges without overlap. */
export function countPositions(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** @returns the positions of `ranges` that are not in `removed`, sorted. */
export function subtractRanges(ranges: readonly Range[], removed: readonly Range[]): Range[] {
  const holes = mergeRanges(removed);
  return mergeRanges(ranges).flatMap((range) => {
    const rest: Range[] = [];
    let from = range.from;
    for (const hole of holes) {
      if (hole.to <= from || hole.from >= range.to) continue;
      if (hole.from > from) rest.push({ from, to: hole.from });
      from = hole.to;
    }
    if (from < range.to) rest.push({ from, to: range.to });
    return rest;
  });
}

/** @returns the positions that are in both, sorted. */
export function intersectRanges(ranges: readonly Range[], others: readonly Range[]): Range[] {
  return subtractRanges(ranges, subtractRanges(ranges, others));
}
