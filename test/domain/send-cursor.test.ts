import fc from 'fast-check';
import { totalChunks, nextChunk, returnRange, halfSize, type SendCursor } from '../../src/domain/send-cursor';

const start: SendCursor = { next: 0, returned: [], chunkLabels: 100, done: 0 };

it('cuts a plan into chunks up to what is approved', () => {
  const first = nextChunk(start, 150)!;
  const second = nextChunk(first.place, 150)!;
  expect([first.range, second.range]).toEqual([
    { from: 0, to: 100 },
    { from: 100, to: 150 },
  ]);
  expect(nextChunk(second.place, 150)).toBeUndefined();
});

it('sends what came back first', () => {
  const place = returnRange(
    { ...start, next: 300 },
    { from: 100, to: 200 },
    halfSize({ from: 100, to: 200 }),
  );
  expect(nextChunk(place, 1000)!.range).toEqual({ from: 100, to: 150 });
});

it('counts chunks that are done, in flight and still to be cut', () => {
  expect(totalChunks({ ...start, next: 200, done: 1, returned: [] }, 1, 450)).toBe(5);
});

it('covers every label exactly once, however ranges come back', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.nat({ max: 60 })),
      (labels, chunkLabels, comebacks) => {
        const sent = new Set<number>();
        let place: SendCursor = { ...start, chunkLabels };
        for (let next = nextChunk(place, labels); next; next = nextChunk(place, labels)) {
          const { range } = next;
          const back = Math.min(comebacks.pop() ?? 0, range.to - range.from);
          place = returnRange(next.place, { from: range.to - back, to: range.to });
          for (let at = range.from; at < range.to - back; at += 1) {
            expect(sent.has(at)).toBe(false);
            sent.add(at);
          }
        }
        expect(sent.size).toBe(labels);
      },
    ),
  );
});

it('the first half is the larger', () => {
  expect([2, 3, 100, 101].map((labels) => halfSize({ from: 10, to: 10 + labels }))).toEqual([1, 2, 50, 51]);
});

it('gives back nothing of an empty range, and the rest in order and in cuts', () => {
  expect(returnRange(start, { from: 5, to: 5 })).toBe(start);
  const place = returnRange(returnRange(start, { from: 50, to: 60 }), { from: 10, to: 15 }, 2);
  expect(place.returned).toEqual([
    { from: 10, to: 12 },
    { from: 12, to: 14 },
    { from: 14, to: 15 },
    { from: 50, to: 60 },
  ]);
});

it('cuts what came back no larger than a chunk, also above what is approved', () => {
  const place: SendCursor = {
    next: 500,
    returned: [
      { from: 0, to: 250 },
      { from: 300, to: 310 },
    ],
    chunkLabels: 100,
    done: 0,
  };
  const first = nextChunk(place, 0)!;
  expect(first).toEqual({
    range: { from: 0, to: 100 },
    place: {
      ...place,
      returned: [
        { from: 100, to: 250 },
        { from: 300, to: 310 },
      ],
    },
  });
  expect(nextChunk({ ...place, returned: [{ from: 300, to: 310 }] }, 0)).toEqual({
    range: { from: 300, to: 310 },
    place: { ...place, returned: [] },
  });
  expect(nextChunk({ ...place, returned: [] }, 500)).toBeUndefined();
});

it('counts what came back in cuts', () => {
  expect(
    totalChunks(
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
  ).toBe(8);
});
