import fc from 'fast-check';
import { countChunks, nextChunk, returnRange, halfSize, type SendCursor } from '../../src/domain/send-cursor';

const start: SendCursor = { next: 0, returned: [], chunkLabels: 100, done: 0 };

it('The cursor divides a plan into chunks up to the approved label', () => {
  const first = nextChunk(start, 150)!;
  const second = nextChunk(first.cursor, 150)!;
  expect([first.range, second.range]).toEqual([
    { from: 0, to: 100 },
    { from: 100, to: 150 },
  ]);
  expect(nextChunk(second.cursor, 150)).toBeUndefined();
});

it('The cursor returns a range that has to be sent again before any other', () => {
  const cursor = returnRange(
    { ...start, next: 300 },
    { from: 100, to: 200 },
    halfSize({ from: 100, to: 200 }),
  );
  expect(nextChunk(cursor, 1000)!.range).toEqual({ from: 100, to: 150 });
});

it('The total counts chunks with a result, in flight and not sent yet', () => {
  expect(countChunks({ ...start, next: 200, done: 1, returned: [] }, 1, 450)).toEqual({ total: 5, done: 1 });
});

it('The cursor covers every label exactly once, however ranges are returned', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.nat({ max: 60 })),
      (labels, chunkLabels, returns) => {
        const sent = new Set<number>();
        let cursor: SendCursor = { ...start, chunkLabels };
        for (let next = nextChunk(cursor, labels); next; next = nextChunk(cursor, labels)) {
          const { range } = next;
          const returned = Math.min(returns.pop() ?? 0, range.to - range.from);
          cursor = returnRange(next.cursor, { from: range.to - returned, to: range.to });
          for (let at = range.from; at < range.to - returned; at += 1) {
            expect(sent.has(at)).toBe(false);
            sent.add(at);
          }
        }
        expect(sent.size).toBe(labels);
      },
    ),
  );
});

it('The first half of a range is the larger one', () => {
  expect([2, 3, 100, 101].map((labels) => halfSize({ from: 10, to: 10 + labels }))).toEqual([1, 2, 50, 51]);
});

it('The cursor ignores an empty returned range, and keeps the others in order and in chunks', () => {
  expect(returnRange(start, { from: 5, to: 5 })).toBe(start);
  const cursor = returnRange(returnRange(start, { from: 50, to: 60 }), { from: 10, to: 15 }, 2);
  expect(cursor.returned).toEqual([
    { from: 10, to: 12 },
    { from: 12, to: 14 },
    { from: 14, to: 15 },
    { from: 50, to: 60 },
  ]);
});

it('The cursor divides a returned range into chunks, also above the approved label', () => {
  const cursor: SendCursor = {
    next: 500,
    returned: [
      { from: 0, to: 250 },
      { from: 300, to: 310 },
    ],
    chunkLabels: 100,
    done: 0,
  };
  const first = nextChunk(cursor, 0)!;
  expect(first).toEqual({
    range: { from: 0, to: 100 },
    cursor: {
      ...cursor,
      returned: [
        { from: 100, to: 250 },
        { from: 300, to: 310 },
      ],
    },
  });
  expect(nextChunk({ ...cursor, returned: [{ from: 300, to: 310 }] }, 0)).toEqual({
    range: { from: 300, to: 310 },
    cursor: { ...cursor, returned: [] },
  });
  expect(nextChunk({ ...cursor, returned: [] }, 500)).toBeUndefined();
});

it('The total counts returned ranges in chunks', () => {
  expect(
    countChunks(
      {
        next: 450,
        returned: [
          { from: 0, to: 101 },
          { from: 200, to: 250 },
        ],
        chunkLabels: 100,
        done: 3,
      },
      2,
      450,
    ),
  ).toEqual({ total: 8, done: 3 });
});
