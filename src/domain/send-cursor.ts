import type { Range } from './receipt';

/** Where an export stands in its plan: what is not cut yet, and ranges that came back to be sent in other cuts. */
export interface SendCursor {
  /** First position that was never cut. */
  readonly next: number;
  /** Ranges that came back, in order. */
  readonly returned: readonly Range[];
  /** Labels of the next cut, at most; shrinks when the service refuses a size. */
  readonly chunkLabels: number;
  /** Chunks that are done. */
  readonly done: number;
}

/** The next range to send below `upTo`, and the place after it; undefined when there is none. */
export function nextChunk(place: SendCursor, upTo: number): { range: Range; place: SendCursor } | undefined {
  const [first, ...rest] = place.returned;
  if (first) {
    const range = { from: first.from, to: Math.min(first.to, first.from + place.chunkLabels) };
    const left = range.to < first.to ? [{ from: range.to, to: first.to }, ...rest] : rest;
    return { range, place: { ...place, returned: left } };
  }
  if (place.next >= upTo) return undefined;
  const range = { from: place.next, to: Math.min(upTo, place.next + place.chunkLabels) };
  return { range, place: { ...place, next: range.to } };
}

/** The place with `range` to be sent again, in cuts of at most `most` labels. */
export function returnRange(place: SendCursor, range: Range, most = range.to - range.from): SendCursor {
  if (range.from >= range.to) return place;
  const parts: Range[] = [];
  for (let from = range.from; from < range.to; from += most)
    parts.push({ from, to: Math.min(range.to, from + most) });
  return { ...place, returned: [...place.returned, ...parts].sort((a, b) => a.from - b.from) };
}

/** Two halves of a range of at least two labels; the first is the larger. */
export function halfSize(range: Range): number {
  return Math.ceil((range.to - range.from) / 2);
}

/** Chunks of the whole export as far as it can be told: done, in flight, and what is still to be cut. */
export function totalChunks(place: SendCursor, inFlight: number, labels: number): number {
  const returned = place.returned.reduce(
    (sum, range) => sum + Math.ceil((range.to - range.from) / place.chunkLabels),
    0,
  );
  return place.done + inFlight + returned + Math.ceil((labels - place.next) / place.chunkLabels);
}
