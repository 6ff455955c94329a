import fc from 'fast-check';
import { LabelTable } from '../../src/collections/label-table';

it('LabelTable keeps the first number of each label, and finds the same as a Map', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 3 }), { maxLength: 3000 }), (labelIds) => {
      const table = new LabelTable();
      const map = new Map<string, number>();
      for (const [index, labelId] of labelIds.entries()) {
        expect(table.add(labelId, index)).toBe(!map.has(labelId));
        if (!map.has(labelId)) map.set(labelId, index);
      }
      for (const [labelId, index] of map) expect(table.get(labelId)).toBe(index);
      expect(table.size).toBe(map.size);
    }),
    { numRuns: 30 },
  );
});

it('LabelTable finds every label after it has grown many times, and no label that was not added', () => {
  const table = new LabelTable();
  for (let index = 0; index < 20_000; index += 1) table.add(`label-${index}`, index);
  const wrong = Array.from({ length: 20_000 }, (_, index) => index).filter(
    (index) => table.get(`label-${index}`) !== index || table.get(`other-${index}`) !== undefined,
  );
  expect(wrong).toEqual([]);
});

it('LabelTable tells ids apart that differ only in a lone surrogate, which UTF-8 can’t write', () => {
  const table = new LabelTable();
  expect([table.add('a\uD800', 1), table.add('a\uD801', 2), table.get('a\uFFFD')]).toEqual([
    true,
    true,
    undefined,
  ]);
});

it('LabelTable tells ids apart whose hashes begin at the same slot and agree in 32 bits', () => {
  const [one, other] = ['label-738641', 'label-1876399']; // found by trying two million
  const table = new LabelTable();
  expect([table.add(one, 1), table.get(other), table.add(other, 2), table.get(one)]).toEqual([
    true,
    undefined,
    true,
    1,
  ]);
});

it('LabelTable keeps the largest number', () => {
  const table = new LabelTable();
  table.add('zero', 0);
  table.add('large', 4_294_967_294);
  expect([table.get('zero'), table.get('large')]).toEqual([0, 4_294_967_294]);
});
