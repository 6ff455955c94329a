import { subtractRanges } from './ranges';
import type { Range } from './receipt';

/** How far an export has got through its plan, and the ranges that it has to send again. */
export interface SendCursor {
  /** First position that was never sent. */
  readonly next: number;
  /** Ranges to send again, in plan order. */
  readonly returned: readonly Range[];
  /** Maximum labels of the next chunk; it shrinks when the service refuses a size. */
  readonly chunkLabels: number;
  /** Number of chunks with a result. */
  readonly done: number;
}

/** `total` is an estimate until the last chunk has a result. */
export interface ChunkCounts {
  readonly total: number;
  readonly done: number;
}

/** @returns the next range to send, and the cursor after it. Undefined if nothing below `upTo` is left. */
export function nextChunk(
  cursor: SendCursor,
  upTo: number,
): { range: Range; cursor: SendCursor } | undefined {
  const [first, ...others] = cursor.returned;
  if (first) {
    const range = { from: first.from, to: Math.min(first.to, first.from + cursor.chunkLabels) };
    const returned = range.to < first.to ? [{ from: range.to, to: first.to }, ...others] : others;
    return { range, cursor: { ...cursor, returned } };
  }
  if (cursor.next >= upTo) return undefined;
  const range = { from: cursor.next, to: Math.min(upTo, cursor.next + cursor.chunkLabels) };
  return { range, cursor: { ...cursor, next: range.to } };
}

/**
 * @returns the cursor with `range` added to the ranges to send again, in chunks of at most `maxLabels`
 *   labels.
 */
export function returnRange(cursor: SendCursor, range: Range, maxLabels = range.to - range.from): SendCursor {
  if (range.from >= range.to) return cursor;
  const chunks: Range[] = [];
  for (let from = range.from; from < range.to; from += maxLabels)
    chunks.push({ from, to: Math.min(range.to, from + maxLabels) });
  return { ...cursor, returned: [...cursor.returned, ...chunks].sort((a, b) => a.from - b.from) };
}

/** Maximum ranges of `answeredRanges`: activities get them, and a history must stay small. */
const maxAnsweredRanges = 100;

/**
 * @param held ranges that were taken from the cursor and have no outcome.
 * @returns the positions with an outcome, when no call is in flight. Leaves the last ones out if they are in more
 *   than 100 ranges.
 */
export function answeredRanges({ next, returned }: SendCursor, held: readonly Range[]): Range[] {
  return subtractRanges([{ from: 0, to: next }], [...returned, ...held]).slice(0, maxAnsweredRanges);
}

/** Number of labels in the first half of a range, which is the larger half. */
export function halfSize(range: Range): number {
  return Math.ceil((range.to - range.from) / 2);
}

/** The total: chunks with a result, chunks in flight, and the rest in chunks of the current size. */
export function countChunks(cursor: SendCursor, inFlight: number, labels: number): ChunkCounts {
  const { returned, chunkLabels, done, next } = cursor;
  const again = returned.reduce((sum, { from, to }) => sum + Math.ceil((to - from) / chunkLabels), 0);
  return { total: done + inFlight + again + Math.ceil((labels - next) / chunkLabels), done };
}
