import { defined } from '../../src/collections/defined';
import type { Element } from '../../src/domain/element';
import type { SelectionOptions } from '../../src/domain/plan';
import { selectLabels } from '../../src/activities/plan/select-labels';
import { parseElement } from '../../src/export-body/parse-element';
import { aCrop, aFrame, aLabel, aRoute } from '../support/builders';

function anElement(change: Partial<Element> = {}): Element {
  return {
    elementId: 'b',
    elementType: 'crop',
    frame: {},
    labels: [{ uuid: 'a', label: 'bus' }, { uuid: 'b', label: 'car' }, { uuid: 'c' }],
    inferences: [],
    faults: {},
    ...change,
  };
}

const select = (element: Element, change: Partial<SelectionOptions> = {}) => {
  const { labels, leftOut } = selectLabels(element, 7, aRoute(change));
  return {
    labels: labels.map(({ labelId, className }) => ({ labelId, ...defined({ className }) })),
    leftOut: leftOut.map(({ reason, detail }) => `${reason}: ${detail}`),
  };
};

/** The selection from an element of a delivery. */
const selectFrom = (value: unknown, change: Partial<SelectionOptions> = {}) => {
  const parsed = parseElement({ value });
  if (parsed.kind === 'invalid') throw new Error(parsed.why);
  return select(parsed.element, change);
};

it('A crop stands for the label with the crop’s uuid', () => {
  expect(select(anElement({ crop: { uuid: 'a' } }))).toEqual({
    labels: [{ labelId: 'a', className: 'bus' }],
    leftOut: [],
  });
});

it('A crop without a uuid, or with one that no label has, stands for the label with the element’s id', () => {
  expect(select(anElement()).labels).toEqual([{ labelId: 'b', className: 'car' }]);
  expect(select(anElement({ crop: { uuid: 'gone' } })).labels).toEqual([{ labelId: 'b', className: 'car' }]);
});

it('A crop that matches no label of its frame is left out', () => {
  expect(selectLabels(anElement({ elementId: 'x', crop: { uuid: 'y' } }), 7, aRoute())).toEqual({
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

describe('Only what the route uses is checked', () => {
  it.each([
    ['a neighbour whose uuid is a number', { labels: [{ uuid: 1768 }, aLabel('b')] }],
    ['a neighbour that is null', { frame: { label_data: [null, aLabel('b'), 7, 'x', []] } }],
    ['a crop_data that is a text', { crop_data: 'x' }],
    ['a crop_data that is a list', { crop_data: [{ uuid: 'b' }] }],
    ['a crop_data whose uuid is a number', { crop_data: { uuid: 1768 } }],
    ['inference_data that is a text', { frame: { inference_data: 'x' } }],
    ['sensor_data that is a text', { frame: { sensor_data: 'x' } }],
  ])('A crop keeps its label beside %s', (_, change) => {
    const { labels, leftOut } = selectFrom(aCrop('b', change));
    expect({ ids: labels.map(({ labelId }) => labelId), leftOut }).toEqual({ ids: ['b'], leftOut: [] });
  });

  it.each([
    ['x', 'frame_data: expected object, received string'],
    [{ label_data: 7 }, 'frame_data.label_data: expected array, received number'],
  ])(
    'A frame with the frame_data %j is skipped by a route that skips frames, and otherwise invalid',
    (frame, why) => {
      const element = { element_id: 'f', element_type: 'frame', frame_data: frame };
      expect(selectFrom(element).leftOut).toEqual(['frame: The route skips frame elements.']);
      expect(selectFrom(element, { frames: 'all-labels' }).leftOut).toEqual([`invalid: ${why}`]);
    },
  );

  it.each([
    ['no frame_data', { frame_data: null }, 'frame_data: expected object'],
    ['no label_data', { frame_data: {} }, 'frame_data.label_data: expected array'],
    [
      'a crop_data of the wrong type',
      { labels: [], crop_data: 'x' },
      'crop_data: expected object, received string',
    ],
    [
      'a label that cannot be read, which may be the crop’s',
      { frame: { label_data: [aLabel('a'), { uuid: 1768 }, null] } },
      'frame_data.label_data.1.uuid: expected string, received number; frame_data.label_data.2: expected object, received null',
    ],
  ])('A crop that needs it is invalid with %s', (_, change, why) => {
    expect(selectFrom(aCrop('b', change))).toEqual({ labels: [], leftOut: [`invalid: ${why}`] });
  });

  it('The reason names the first three faults', () => {
    const labels = Array.from({ length: 1000 }, () => ({ uuid: { secret: 1 } }));
    const [why] = selectFrom(aCrop('b', { labels })).leftOut;
    expect(why).toMatch(/^invalid: .*\.0\.uuid: .*\.1\.uuid: .*\.2\.uuid: expected string, received object$/);
  });

  it.each([
    ['element_id', '{"element_id":N,"element_type":"frame"}'],
    [
      'frame_data.label_data.0.uuid',
      '{"element_id":"a","element_type":"crop","frame_data":{"label_data":[{"uuid":N}]}}',
    ],
    [
      'crop_data.uuid',
      '{"element_id":"a","element_type":"crop","frame_data":{"label_data":[]},"crop_data":{"uuid":N}}',
    ],
  ])('A number past 2^53 at %s, where the crop needs an id, makes it invalid', (place, json) => {
    for (const number of ['9007199254740993', '12345678901234567890', '-9007199254740993', '1e400']) {
      const parsed = parseElement({ value: JSON.parse(json.replace('N', number)) as unknown });
      const why = parsed.kind === 'invalid' ? parsed.why : select(parsed.element).leftOut[0];
      expect(why).toContain(`${place}: expected string, received number`);
    }
  });

  it('A frame sends its readable labels, and one line names the entries that are no labels', () => {
    const labels = [null, aLabel('a'), { uuid: 7, attributes: { vendor: 'v' } }, 'x'];
    const frame = { ...aFrame('f', []), frame_data: { label_data: labels } };
    const invalid =
      'invalid: frame_data.label_data.0: expected object, received null; frame_data.label_data.3: expected object, received string';
    expect(selectFrom(frame, { frames: 'all-labels' })).toEqual({
      labels: [{ labelId: 'a', className: 'car' }],
      leftOut: [invalid, 'missing-label-id: The label id at uuid is a number; expected a non-empty string.'],
    });
    expect(selectFrom(frame, { frames: 'all-labels', labelId: 'attributes.vendor' })).toMatchObject({
      labels: [{ labelId: 'v' }], // it does not need the uuid
      leftOut: [invalid, missingAt('attributes.vendor')],
    });
  });
});

describe('A model’s inference', () => {
  const inference = "inference: The crop is a model's inference, not a label of the labeling service.";
  const both = { frame: { inference_data: [aLabel('b')] } };
  const only = { labels: [], frame: { label_data: undefined, inference_data: [aLabel('b')] } };

  it.each([
    ['its crop_type says so', { crop_type: 'inference' }],
    ['its cropType says so', { cropType: 'inference' }],
    ['it has an inference set and is in inference_data', { ...both, inference_set: 'm' }],
    ['it has an inference set and only crop_data.uuid', { ...both, inferenceSet: 'm', element_id: 'x' }],
    ['it is only in inference_data', only],
    ['it is only in inference_data, by its element id', { ...only, crop_data: null }],
    ['frame_data is null and its crop_type says so', { frame_data: null, crop_type: 'inference' }],
  ])('A crop is one when %s', (_, change) => {
    expect(selectFrom(aCrop('b', change))).toEqual({ labels: [], leftOut: [inference] });
  });

  it.each([
    ['it has an inference set alone', { inference_set: 'm' }],
    ['another label is in inference_data', { inference_set: 'm', frame: { inference_data: [aLabel('c')] } }],
    ['its crop_type says label', { ...both, inference_set: 'm', crop_type: 'label' }],
    ['it has no inference set', both],
    ['entries of inference_data are no labels', { inference_set: 'm', frame: { inference_data: [null, 7] } }],
  ])('A crop is a label when %s', (_, change) => {
    expect(selectFrom(aCrop('b', change)).labels).toEqual([{ labelId: 'b', className: 'car' }]);
  });

  it('A frame with inferences alone is never without labels, but left out with a reason of its own', () => {
    for (const label_data of [undefined, null, []]) {
      const frame_data = { label_data, inference_data: [aLabel('a'), aLabel('b')] };
      const leftOut = ['inference: The frame has no labels, only 2 inferences of a model.'];
      expect(selectFrom({ ...aFrame('f', []), frame_data }, { frames: 'all-labels' })).toEqual({
        labels: [],
        leftOut,
      });
      expect(selectFrom(aCrop('a', { frame_data }), { crops: 'all-in-frame' }).leftOut).toEqual(leftOut);
    }
  });

  it.each([
    ['of which the crop is an inference', { crop_type: 'inference' }, []],
    ['although the crop is a label', { crop_type: 'label', inference_set: 'm' }, ['a']],
    ['without an inference set', {}, ['a']],
  ])('With all-in-frame, no copy of an inference is sent, %s', (_, change, expected) => {
    const crop = aCrop('a', {
      labels: [aLabel('a'), aLabel('b')],
      frame: { inference_data: [aLabel('b')] },
      ...change,
    });
    const { labels } = selectFrom(crop, { crops: 'all-in-frame' });
    expect(labels.map(({ labelId }) => labelId)).toEqual(expected);
  });

  it.each([
    ['has no uuid', [{ label: 'car' }]],
    ['has null as its uuid', [{ uuid: null }]],
    ['is no object', [null]],
  ])('A label without a uuid is no copy of an inference that %s', (_, inference_data) => {
    const label_data = [
      { uuid: null, label: 'car', attributes: { ext: 'x1' } },
      { attributes: { ext: 'x2' } },
    ];
    const frame = { ...aFrame('f', []), frame_data: { label_data, inference_data } };
    expect(
      selectFrom(frame, { frames: 'all-labels', labelId: 'attributes.ext' }).labels.map(
        ({ labelId }) => labelId,
      ),
    ).toEqual(['x1', 'x2']);
  });

  it('With all-in-frame, a whole crop whose frame has only inferences is sent, as with matching', () => {
    const crop = aCrop('a', {
      crop_type: 'label',
      crop_data: aLabel('a'),
      frame: { label_data: undefined, inference_data: [aLabel('b')] },
    });
    for (const crops of ['all-in-frame', 'matching'] as const)
      expect(selectFrom(crop, { crops }).labels).toMatchObject([{ labelId: 'a' }]);
  });

  it('A frame of an inference set sends its labels without the copies of inferences', () => {
    const frame_data = { label_data: [aLabel('a'), aLabel('b')], inference_data: [aLabel('b')] };
    const frame = { ...aFrame('f', []), inference_set: 'm', frame_data };
    expect(selectFrom(frame, { frames: 'all-labels' })).toEqual({
      labels: [{ labelId: 'a', className: 'car' }],
      leftOut: ['inference: label_data has 1 inference of a model: the labeling service has no such label.'],
    });
  });
});

describe('A crop without its frame', () => {
  it.each([null, undefined, {}, 'x'])(
    'With the frame_data %j it stands for a whole crop_data',
    (frame_data) => {
      expect(selectFrom(aCrop('b', { frame_data, crop_data: aLabel('b', { label: 'dog' }) }))).toEqual({
        labels: [{ labelId: 'b', className: 'dog' }],
        leftOut: [],
      });
    },
  );

  it.each([{ uuid: 'b' }, { label: 'car', attributes: {} }, { uuid: '', label: 'car' }, 'x', null])(
    'With the crop_data %j it is invalid, because the label is not whole',
    (crop_data) => {
      const { labels, leftOut } = selectFrom(aCrop('b', { frame_data: null, crop_data }));
      expect({ labels, leftOut }).toEqual({
        labels: [],
        leftOut: ['invalid: frame_data: expected object'],
      });
    },
  );

  it('A frame that lacks the label is believed: the crop is unmatched', () => {
    const crop = aCrop('b', { labels: [aLabel('a')], crop_data: aLabel('b') });
    expect(selectFrom(crop).leftOut).toEqual([
      'unmatched-crop: No label in label_data has the uuid of the crop.',
    ]);
  });
});

it.each([
  ['attributes.ext_id', { attributes: { user__ext_id: 'e' } }, {}, 'attributes.user__ext_id'],
  ['attributes.ext_id', { attributes: { link__ext_id: 'e' } }, {}, 'attributes.link__ext_id'],
  ['attributes.user__ext_id', { attributes: { ext_id: 'e' } }, {}, 'attributes.ext_id'],
  ['attributes.user__ext_id', {}, { user__ext_id: 'e' }, 'user__ext_id'],
  ['user__ext_id', { attributes: { user__ext_id: 'e' } }, {}, 'attributes.user__ext_id'],
])('A label without an id at %s says where there is one', (labelId, label, frame, other) => {
  const element = anElement({ labels: [{ uuid: 'b', ...label }], frame });
  expect(select(element, { labelId }).leftOut).toEqual([
    `${missingAt(labelId)} There is one at ${other}: set the route's labelId to it.`,
  ]);
  expect(select(element, { labelId: other }).labels).toEqual([{ labelId: 'e' }]);
});

it('A value that is no label id is no hint', () => {
  const element = anElement({ labels: [{ uuid: 'b', attributes: { user__own: 7, link__own: '' } }] });
  expect(select(element, { labelId: 'attributes.own' }).leftOut).toEqual([missingAt('attributes.own')]);
});
