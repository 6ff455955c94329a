import { TooHeavy } from '../../src/export-body/element-weight';
import { parseElement } from '../../src/export-body/parse-element';

const label = {
  uuid: 'l-1',
  label: 'car',
  label_coordinate_frame: 'cam',
  attributes: { confidence: 0.5 },
  linked_labels: [],
};
const crop = {
  element_id: 'l-1',
  element_type: 'crop',
  frame_data: { label_data: [label], task_id: 't', user__vendor: 'v-1' },
  crop_data: { uuid: 'l-1' },
};

function valid(value: unknown) {
  const parsed = parseElement(value);
  if (parsed.kind !== 'valid') throw new Error(parsed.why);
  return parsed.element;
}

const why = (value: unknown) => {
  const parsed = parseElement(value);
  return parsed.kind === 'invalid' ? parsed.why : 'valid';
};

it('parseElement reads a crop in the guide’s spelling', () => {
  expect(valid(crop)).toEqual({
    elementId: 'l-1',
    elementType: 'crop',
    frame: {
      label_data: [{ uuid: 'l-1', label: 'car', attributes: { confidence: 0.5 } }],
      task_id: 't',
      user__vendor: 'v-1',
    },
    labels: [{ uuid: 'l-1', label: 'car', attributes: { confidence: 0.5 } }],
    cropUuid: 'l-1',
  });
});

it('parseElement reads the camelCase of the REST API as the same element', () => {
  const { frame_data: frame, element_id, element_type, crop_data: cropData } = crop;
  const { label_data: labelData, ...rest } = frame;
  const frameData = { ...rest, labelData };
  const { frame: _, ...expected } = valid(crop);
  expect(valid({ elementId: element_id, elementType: element_type, frameData, cropData })).toMatchObject(
    expected,
  );
  expect(valid({ id: element_id, type: element_type, frameData, cropData })).toMatchObject(expected);
});

it('parseElement prefers the guide’s spelling of two, and takes null as absent', () => {
  expect(valid({ ...crop, elementId: 'other', id: 7 }).elementId).toBe('l-1');
  expect(valid({ ...crop, element_id: null, id: 'l-2' }).elementId).toBe('l-2');
});

it.each(['label_coordinate_frame', 'label_coorindate_frame', 'class_id', 'change', 'anything'])(
  'parseElement accepts any value for the label’s key %s',
  (key) => {
    for (const odd of [null, 1, 'x', [], {}])
      expect(valid({ ...crop, frame_data: { label_data: [{ ...label, [key]: odd }] } }).labels).toHaveLength(
        1,
      );
  },
);

it('parseElement accepts missing or odd dates, metrics and crop_data', () => {
  const { crop_data: _, ...bare } = crop;
  expect(valid({ ...bare, status: 3, comments: null }).cropUuid).toBeUndefined();
  expect(valid({ ...crop, crop_data: null }).cropUuid).toBeUndefined();
  expect(
    valid({
      ...crop,
      frame_data: { ...crop.frame_data, date_captured: 5, custom_metrics: 'x', sensor_data: null },
    }).labels,
  ).toHaveLength(1);
});

it('parseElement reads dataset, inference set and frame id in either spelling, and passes over other types', () => {
  const shown = (more: object) => {
    const { dataset, inferenceSet, frameId } = valid({ ...crop, ...more });
    return [dataset, inferenceSet, frameId];
  };
  expect(
    shown({ dataset: 'd', inference_set: 'i', frame_id: 'f', inferenceSet: 'no', frameId: 'no' }),
  ).toEqual(['d', 'i', 'f']);
  expect(shown({ inferenceSet: 'i', frameId: 'f' })).toEqual([undefined, 'i', 'f']);
  expect(shown({ dataset: 7, inference_set: '', inferenceSet: 'i', frame_id: null, frameId: 'f' })).toEqual([
    undefined,
    'i',
    'f',
  ]);
});

it('parseElement accepts a frame without labels and without frame_data', () => {
  expect(valid({ element_id: 'f', element_type: 'frame' })).toMatchObject({ frame: {}, labels: [] });
  expect(
    valid({ element_id: 'f', element_type: 'frame', frame_data: {}, crop_data: 'not read' }),
  ).toMatchObject({ labels: [] });
});

it('parseElement drops a label’s class and attributes of a wrong type, and keeps the element', () => {
  expect(
    valid({ ...crop, frame_data: { label_data: [{ uuid: 'l-1', label: 5, attributes: [] }, {}] } }).labels,
  ).toEqual([{ uuid: 'l-1' }, {}]);
});

it.each([
  [
    'an element that was too heavy to parse',
    new TooHeavy(),
    'element: too many values (limit 400,000; an object, array or key counts as 4): parsing them would block the worker',
  ],
  ['null', null, 'element: expected object'],
  ['an array', [], 'element: expected object'],
  ['a text', 'x', 'element: expected object'],
  ['no id', { ...crop, element_id: undefined }, 'element_id: expected string'],
  ['an id that is a number', { ...crop, element_id: 7 }, 'element_id: expected string, received number'],
  ['an empty id', { ...crop, element_id: '' }, 'element_id: expected a non-empty string'],
  [
    'no type',
    { ...crop, element_type: undefined },
    'element_type: Invalid option: expected one of "frame"|"crop"',
  ],
  [
    'another type',
    { ...crop, element_type: 'cuboid' },
    'element_type: Invalid option: expected one of "frame"|"crop"',
  ],
  ['a crop without frame_data', { ...crop, frame_data: undefined }, 'frame_data: expected object'],
  ['a crop without labels', { ...crop, frame_data: {} }, 'frame_data.label_data: expected array'],
  ['frame_data that is a text', { ...crop, frame_data: 'x' }, 'frame_data: expected object, received string'],
  [
    'label_data that is an object',
    { ...crop, frame_data: { label_data: {} } },
    'frame_data.label_data: expected array, received object',
  ],
  [
    'a label that is null',
    { ...crop, frame_data: { label_data: [label, null] } },
    'frame_data.label_data.1: expected object, received null',
  ],
  [
    'a uuid that is a number',
    { ...crop, frame_data: { label_data: [{ uuid: 7 }] } },
    'frame_data.label_data.0.uuid: expected string, received number',
  ],
  ['a crop_data that is a text', { ...crop, crop_data: 'x' }, 'crop_data: expected object, received string'],
  [
    'a crop uuid that is a number',
    { ...crop, crop_data: { uuid: 7 } },
    'crop_data.uuid: expected string, received number',
  ],
])('%s makes the element invalid, and the reason names the place', (_, value, reason) => {
  expect(why(value)).toContain(reason);
});

it('The reason names the first three errors', () => {
  const labels = [{ uuid: 1 }, { uuid: 2 }, { uuid: 3 }];
  expect(why({ ...crop, element_id: 7, frame_data: { label_data: labels } })).toBe(
    [
      'element_id: expected string, received number',
      'frame_data.label_data.0.uuid: expected string, received number',
      'frame_data.label_data.1.uuid: expected string, received number',
    ].join('; '),
  );
});

it('The reason has no value in it, and at most 300 characters', () => {
  const labels = Array.from({ length: 100 }, () => ({ uuid: { 'secret-text': 'x'.repeat(500) } }));
  expect(why({ ...crop, element_type: 'secret-text', frame_data: { label_data: labels } })).not.toContain(
    'secret',
  );
  expect(why({ ...crop, frame_data: { label_data: labels } }).length).toBeLessThanOrEqual(300);
});

it('A key __proto__ changes no prototype', () => {
  const text = JSON.stringify(crop)
    .replace('"task_id"', '"__proto__":{"polluted":1},"task_id"')
    .replace('{', '{"__proto__":{"id":"x"},');
  const element = valid(JSON.parse(text));
  expect(Object.getPrototypeOf(element.frame)).toBe(Object.prototype);
  expect('polluted' in element.frame).toBe(false);
  expect(Object.keys(Object.prototype)).toEqual([]);
});

it('parseElement reads no inherited key', () => {
  expect(why(JSON.parse('{"__proto__":{"element_id":"x","element_type":"frame"}}'))).toContain('element_id');
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
])('A number past 2^53 at %s, which Requeue reads as an id, makes the element invalid', (place, json) => {
  for (const number of ['9007199254740993', '12345678901234567890', '-9007199254740993', '1e400'])
    expect(why(JSON.parse(json.replace('N', number)))).toContain(`${place}: expected string, received`);
});

it('A number past 2^53 anywhere else passes', () => {
  const json = JSON.stringify({
    ...crop,
    n: 'N',
    frame_data: { label_data: [{ uuid: 'l-1', attributes: { id: 'N' }, n: 'N' }], user__id: 'N' },
  });
  expect(valid(JSON.parse(json.replaceAll('"N"', '9007199254740993'))).labels).toHaveLength(1);
});
