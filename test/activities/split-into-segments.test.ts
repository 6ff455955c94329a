import fc from 'fast-check';
import type { ReceiptFile } from '../../src/payloads/receipts';
import { splitIntoSegments } from '../../src/activities/report/split-into-segments';

const aFile = fc
  .record({
    from: fc.nat(40),
    length: fc.integer({ min: 1, max: 20 }),
    kind: fc.constantFrom<ReceiptFile['kind']>('sent', 'receipt'),
  })
  .map(({ from, length, kind }): ReceiptFile => ({ from, to: from + length, kind }));

it('Segments cover the plan without gaps, each with a receipt that covers it, or otherwise a sent-mark', () => {
  fc.assert(
    fc.property(fc.array(aFile, { maxLength: 12 }), fc.nat(50), (files, labels) => {
      let next = 0;
      for (const { from, to, file } of splitIntoSegments(files, labels)) {
        expect(from).toBe(next);
        expect(to).toBeGreaterThan(from);
        next = to;
        for (let position = from; position < to; position += 1) {
          const covering = files.filter((other) => other.from <= position && position < other.to);
          expect(file?.kind).toBe(
            covering.some(({ kind }) => kind === 'receipt') ? 'receipt' : covering[0] && 'sent',
          );
          if (file) expect(covering).toContain(file);
        }
      }
      expect(next).toBe(labels);
    }),
  );
});

it('A segment takes the receipt that begins later where two overlap', () => {
  const files: ReceiptFile[] = [
    { from: 0, to: 10, kind: 'receipt' },
    { from: 4, to: 6, kind: 'receipt' },
  ];
  expect(splitIntoSegments(files, 10).map(({ from, to, file }) => `${from}-${to} by ${file?.from}`)).toEqual([
    '0-4 by 0',
    '4-6 by 4',
    '6-10 by 0',
  ]);
});
