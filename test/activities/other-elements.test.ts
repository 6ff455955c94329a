import { OtherElements, type NamingElement } from '../../src/activities/report/other-elements';

/** Ids of all lengths, of all kinds of characters. */
const makeId = (element: number): string =>
  ['e', '\u00E9', '\uD800', '\u{1F600}', '"\n'][element % 5]!.repeat(1 + ((element * 31) % 600)) + element;

it('OtherElements keeps the elements of each label in order, also across slabs of ids', () => {
  const others = new OtherElements(50, 4000);
  const expected = new Map<number, NamingElement[]>();
  for (let note = 0; note < 4000; note += 1) {
    const position = (note * 7) % 50;
    const named = { element: Math.floor(note / 2), elementId: makeId(Math.floor(note / 2)) }; // an element names two labels
    others.add(position, named);
    expected.set(position, [...(expected.get(position) ?? []), named]);
  }
  for (const [position, named] of expected) {
    expect(others.countAt(position)).toBe(80);
    expect(others.elementsAt(position)).toEqual(named);
  }
});

it('OtherElements counts elements that it does not keep: over a hundred for a label, or with a very long id', () => {
  const others = new OtherElements(2, 300);
  for (let element = 0; element < 250; element += 1) others.add(0, { element, elementId: `e${element}` });
  others.add(1, { element: 250, elementId: 'x'.repeat(5000) });
  others.add(1, { element: 251, elementId: 'y' });
  expect([others.countAt(0), others.elementsAt(0).length, others.elementsAt(0)[99]]).toEqual([
    250,
    100,
    { element: 99, elementId: 'e99' },
  ]);
  expect([others.countAt(1), others.elementsAt(1)]).toEqual([2, [{ element: 251, elementId: 'y' }]]);
});

it('OtherElements keeps counting when its room for ids is used up, or more elements come than expected', () => {
  const others = new OtherElements(22_000, 22_000);
  for (let element = 0; element < 22_010; element += 1)
    others.add(element % 22_000, { element, elementId: String(element).padStart(4000, '0') });
  const kept = Array.from({ length: 22_000 }, (_, position) => others.elementsAt(position).length);
  const sum = kept.reduce((one, other) => one + other, 0);
  expect(sum).toBeGreaterThan(20_000); // 80 MiB of them
  expect(sum).toBeLessThan(21_500);
  expect([others.countAt(5), others.countAt(21_999), others.elementsAt(21_999)]).toEqual([2, 1, []]);
  expect(others.elementsAt(20_000)).toEqual([
    { element: 20_000, elementId: String(20_000).padStart(4000, '0') },
  ]);
});

it('OtherElements is empty when no elements were expected', () => {
  const others = new OtherElements(3, 0);
  expect([others.countAt(2), others.elementsAt(2)]).toEqual([0, []]);
});
