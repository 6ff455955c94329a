import type { Range } from './receipt';

/** How far an export has gone through its plan, with the ranges that have to be sent again. */
export interface SendCursor {
  /** First position that was never sent. */
  readonly next: number;
  /** Ranges to send again, in order. */
  readonly returned: readonly Range[];
  /** Maximum labels of the next chunk; it shrinks when the service refuses a size. */
  readonly chunkLabels: number;
  /** Number of chunks with a result. */
  readonly done: number;
}

/** @returns the next range to send, and the cursor behind it; undefined when nothing below `upTo` is left. */
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

/** @returns the cursor with `range` to be sent again, in chunks of at most `maxLabels` labels. */
export function returnRange(cursor: SendCursor, range: Range, maxLabels = range.to - range.from): SendCursor {
  if (range.from >= range.to) return cursor;
  const chunks: Range[] = [];
  for (let from = range.from; from < range.to; from += maxLabels)
    chunks.push({ from, to: Math.min(range.to, from + maxLabels) });
  return { ...cursor, returned: [...cursor.returned, ...chunks].sort((a, b) => a.from - b.from) };
}

/** Labels in the first half of a range, which is the larger half. */
export function halfSize(range: Range): number {
  return Math.ceil((range.to - range.from) / 2);
}

/** An estimate: the chunks with a result, those in flight, and what is left in chunks of the present size. */
export function totalChunks(cursor: SendCursor, inFlight: number, labels: number): number {
  const returned = cursor.returned.reduce(
    (sum, range) => sum + Math.ceil((range.to - range.from) / cursor.chunkLabels),
    0,
  );
  return cursor.done + inFlight + returned + Math.ceil((labels - cursor.next) / cursor.chunkLabels);
}
