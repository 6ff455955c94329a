import type { Element } from '../../src/domain/element';
import type { SelectionOptions } from '../../src/domain/plan';
import { selectLabels } from '../../src/activities/plan/select-labels';

const options: SelectionOptions = {
  crops: 'matching',
  frames: 'skip',
  labelId: 'uuid',
  onInvalid: 'skip',
  resend: 'new',
};

function aCropElement(change: Partial<Element> = {}): Element {
  return {
    elementId: 'b',
    elementType: 'crop',
    frame: {},
    labels: [{ uuid: 'a', label: 'bus' }, { uuid: 'b', label: 'car' }, { uuid: 'c' }],
    ...change,
  };
}

const select = (element: Element, change: Partial<SelectionOptions> = {}) => {
  const { labels, leftOut } = selectLabels(element, 7, { ...options, ...change });
  return { labels, leftOut: leftOut.map(({ reason, detail }) => `${reason}: ${detail}`) };
};

it('takes the label whose uuid is the crop’s', () => {
  expect(select(aCropElement({ cropUuid: 'a' }))).toEqual({
    labels: [{ labelId: 'a', className: 'bus' }],
    leftOut: [],
  });
});

it('takes the label whose uuid is the element’s id when the crop has none, or one that no label has', () => {
  expect(select(aCropElement()).labels).toEqual([{ labelId: 'b', className: 'car' }]);
  expect(select(aCropElement({ cropUuid: 'gone' })).labels).toEqual([{ labelId: 'b', className: 'car' }]);
});

it('leaves out a crop that no label of its frame stands for', () => {
  expect(selectLabels(aCropElement({ elementId: 'x', cropUuid: 'y' }), 7, options)).toEqual({
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

it('never matches a label without a uuid to a crop without one', () => {
  expect(select(aCropElement({ elementId: 'x', labels: [{ label: 'car' }] })).leftOut).toEqual([
    'unmatched-crop: No label in label_data has the uuid of the crop.',
  ]);
});

it('takes every label of a crop’s frame with crops: all-in-frame', () => {
  expect(select(aCropElement(), { crops: 'all-in-frame' }).labels.map(({ labelId }) => labelId)).toEqual([
    'a',
    'b',
    'c',
  ]);
});

it('skips frames, or takes all their labels, or says that there are none', () => {
  const frame = aCropElement({ elementType: 'frame' });
  expect(select(frame).leftOut).toEqual(['frame: The route skips frame elements.']);
  expect(select(frame, { frames: 'all-labels' }).labels).toHaveLength(3);
  expect(select({ ...frame, labels: [] }, { frames: 'all-labels' }).leftOut).toEqual([
    'no-labels: The frame has no labels.',
  ]);
});

it('takes the id from a user__ field of the frame, or an attribute of the label', () => {
  const element = aCropElement({
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
])('leaves out a label whose id is %p', (id, found) => {
  const element = aCropElement({ labels: [{ uuid: 'b', attributes: { vendor: id } }] });
  expect(select(element, { labelId: 'attributes.vendor' })).toEqual({
    labels: [],
    leftOut: [
      `missing-label-id: The label id at attributes.vendor is ${found}; expected a non-empty string.`,
    ],
  });
});

it('takes no id from a prototype', () => {
  const element = aCropElement({ labels: [{ uuid: 'b', attributes: {} }] });
  expect(select(element, { labelId: 'attributes.toString' }).leftOut).toEqual([
    nothingAt('attributes.toString'),
  ]);
});

it('leaves out a label without attributes where its id should be one of them', () => {
  const element = aCropElement({ labels: [{ uuid: 'b' }] });
  expect(select(element, { labelId: 'attributes.vendor' })).toEqual({
    labels: [],
    leftOut: [nothingAt('attributes.vendor')],
  });
});

const nothingAt = (place: string) =>
  `missing-label-id: The label id at ${place} is missing; expected a non-empty string.`;

it('takes the labels that have an id and leaves out the others of the same frame', () => {
  const element = aCropElement({ elementType: 'frame', labels: [{ uuid: 'a' }, {}, { uuid: 'c' }] });
  const { labels, leftOut } = select(element, { frames: 'all-labels' });
  expect([labels, leftOut]).toEqual([
    [{ labelId: 'a' }, { labelId: 'c' }],
    ['missing-label-id: The label id at uuid is missing; expected a non-empty string.'],
  ]);
});

it('cuts a class name that is far too long', () => {
  expect(
    select(aCropElement({ labels: [{ uuid: 'b', label: 'x'.repeat(5000) }] })).labels[0]?.className,
  ).toHaveLength(200);
});
