import { FurtherElements, type NamingElement } from '../../src/activities/report/further-elements';

/** Ids of all lengths, of all kinds of characters. */
const idOf = (element: number): string =>
  ['e', '\u00E9', '\uD800', '\u{1F600}', '"\n'][element % 5]!.repeat(1 + ((element * 31) % 600)) + element;

it('FurtherElements keeps the elements of each label in order, also across slabs of ids', () => {
  const further = new FurtherElements(50, 4000);
  const expected = new Map<number, NamingElement[]>();
  for (let note = 0; note < 4000; note += 1) {
    const position = (note * 7) % 50;
    const named = { element: Math.floor(note / 2), elementId: idOf(Math.floor(note / 2)) }; // an element names two labels
    further.add(position, named);
    expected.set(position, [...(expected.get(position) ?? []), named]);
  }
  for (const [position, named] of expected) {
    expect(further.countAt(position)).toBe(80);
    expect(further.elementsAt(position)).toEqual(named);
  }
});

it('FurtherElements counts elements that it does not keep: over a hundred for a label, or with a very long id', () => {
  const further = new FurtherElements(2, 300);
  for (let element = 0; element < 250; element += 1) further.add(0, { element, elementId: `e${element}` });
  further.add(1, { element: 250, elementId: 'x'.repeat(5000) });
  further.add(1, { element: 251, elementId: 'y' });
  expect([further.countAt(0), further.elementsAt(0).length, further.elementsAt(0)[99]]).toEqual([
    250,
    100,
    { element: 99, elementId: 'e99' },
  ]);
  expect([further.countAt(1), further.elementsAt(1)]).toEqual([2, [{ element: 251, elementId: 'y' }]]);
});

it('FurtherElements keeps counting when its room for ids is used up, or more elements come than expected', () => {
  const further = new FurtherElements(22_000, 22_000);
  for (let element = 0; element < 22_010; element += 1)
    further.add(element % 22_000, { element, elementId: String(element).padStart(4000, '0') });
  const kept = Array.from({ length: 22_000 }, (_, position) => further.elementsAt(position).length);
  const sum = kept.reduce((one, other) => one + other, 0);
  expect(sum).toBeGreaterThan(20_000); // 80 MiB of them
  expect(sum).toBeLessThan(21_500);
  expect([further.countAt(5), further.countAt(21_999), further.elementsAt(21_999)]).toEqual([2, 1, []]);
  expect(further.elementsAt(20_000)).toEqual([
    { element: 20_000, elementId: String(20_000).padStart(4000, '0') },
  ]);
});

it('FurtherElements is empty when no elements were expected', () => {
  const further = new FurtherElements(3, 0);
  expect([further.countAt(2), further.elementsAt(2)]).toEqual([0, []]);
});
