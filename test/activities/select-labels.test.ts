import type { Element } from '../../src/domain/element';
import type { SelectionOptions } from '../../src/domain/plan';
import { selectLabels } from '../../src/activities/plan/select-labels';
import { aRoute } from '../support/builders';

function anElement(change: Partial<Element> = {}): Element {
  return {
    elementId: 'b',
    elementType: 'crop',
    frame: {},
    labels: [{ uuid: 'a', label: 'bus' }, { uuid: 'b', label: 'car' }, { uuid: 'c' }],
    ...change,
  };
}

const select = (element: Element, change: Partial<SelectionOptions> = {}) => {
  const { labels, leftOut } = selectLabels(element, 7, aRoute(change));
  return { labels, leftOut: leftOut.map(({ reason, detail }) => `${reason}: ${detail}`) };
};

it('A crop stands for the label with the crop’s uuid', () => {
  expect(select(anElement({ cropUuid: 'a' }))).toEqual({
    labels: [{ labelId: 'a', className: 'bus' }],
    leftOut: [],
  });
});

it('A crop without a uuid, or with one that no label has, stands for the label with the element’s id', () => {
  expect(select(anElement()).labels).toEqual([{ labelId: 'b', className: 'car' }]);
  expect(select(anElement({ cropUuid: 'gone' })).labels).toEqual([{ labelId: 'b', className: 'car' }]);
});

it('A crop that matches no label of its frame is left out', () => {
  expect(selectLabels(anElement({ elementId: 'x', cropUuid: 'y' }), 7, aRoute())).toEqual({
    labels: [],
    leftOut: [
      {
        element: 7,
        elementId: 'x',
        reason: 'unmatched-crop',
        detail: 'No label in label_data has the uuid of the crop.',
      },
    ],
  });
});

it('A crop without a uuid never matches a label without a uuid', () => {
  expect(select(anElement({ elementId: 'x', labels: [{ label: 'car' }] })).leftOut).toEqual([
    'unmatched-crop: No label in label_data has the uuid of the crop.',
  ]);
});

it('A crop stands for every label of its frame with crops: all-in-frame', () => {
  expect(select(anElement(), { crops: 'all-in-frame' }).labels.map(({ labelId }) => labelId)).toEqual([
    'a',
    'b',
    'c',
  ]);
});

it('A frame is skipped, or stands for all its labels, or is left out when it has none', () => {
  const frame = anElement({ elementType: 'frame' });
  expect(select(frame).leftOut).toEqual(['frame: The route skips frame elements.']);
  expect(select(frame, { frames: 'all-labels' }).labels).toHaveLength(3);
  expect(select({ ...frame, labels: [] }, { frames: 'all-labels' }).leftOut).toEqual([
    'no-labels: The frame has no labels.',
  ]);
});

it('The id of a label comes from a user__ field of the frame, or from an attribute of the label', () => {
  const element = anElement({
    frame: { user__labelbox_id: 'lb-1' },
    labels: [{ uuid: 'b', attributes: { vendor: 'v-1' } }],
  });
  expect(select(element, { labelId: 'user__labelbox_id' }).labels).toEqual([{ labelId: 'lb-1' }]);
  expect(select(element, { labelId: 'attributes.vendor' }).labels).toEqual([{ labelId: 'v-1' }]);
});

it.each([
  [12345678901234567890, 'a number'],
  ['', 'an empty string'],
  [null, 'null'],
  [undefined, 'missing'],
  [['a'], 'an array'],
  [{}, 'an object'],
])('A label whose id is %p is left out', (id, found) => {
  const element = anElement({ labels: [{ uuid: 'b', attributes: { vendor: id } }] });
  expect(select(element, { labelId: 'attributes.vendor' })).toEqual({
    labels: [],
    leftOut: [
      `missing-label-id: The label id at attributes.vendor is ${found}; expected a non-empty string.`,
    ],
  });
});

it('The id of a label never comes from a prototype', () => {
  const element = anElement({ labels: [{ uuid: 'b', attributes: {} }] });
  expect(select(element, { labelId: 'attributes.toString' }).leftOut).toEqual([
    missingAt('attributes.toString'),
  ]);
});

it('A label without attributes is left out when its id should be one of them', () => {
  const element = anElement({ labels: [{ uuid: 'b' }] });
  expect(select(element, { labelId: 'attributes.vendor' })).toEqual({
    labels: [],
    leftOut: [missingAt('attributes.vendor')],
  });
});

const missingAt = (place: string) =>
  `missing-label-id: The label id at ${place} is missing; expected a non-empty string.`;

it('A frame stands for its labels with an id, and the others are left out', () => {
  const element = anElement({ elementType: 'frame', labels: [{ uuid: 'a' }, {}, { uuid: 'c' }] });
  const { labels, leftOut } = select(element, { frames: 'all-labels' });
  expect([labels, leftOut]).toEqual([
    [{ labelId: 'a' }, { labelId: 'c' }],
    ['missing-label-id: The label id at uuid is missing; expected a non-empty string.'],
  ]);
});

it('A class name that is too long is cut', () => {
  expect(
    select(anElement({ labels: [{ uuid: 'b', label: 'x'.repeat(5000) }] })).labels[0]?.className,
  ).toHaveLength(200);
});
