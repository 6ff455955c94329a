import { defined } from '../../src/collections/defined';
import { TooHeavy } from '../../src/export-body/element-weight';
import { parseElement } from '../../src/export-body/parse-element';
import { readLabel } from '../../src/export-body/read-label';

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
  const parsed = parseElement({ value });
  if (parsed.kind !== 'valid') throw new Error(parsed.why);
  return parsed.element;
}

const why = (value: unknown) => {
  const parsed = parseElement({ value });
  return parsed.kind === 'invalid' ? parsed.why : 'valid';
};

it('parseElement reads a crop in the guide’s spelling', () => {
  expect(valid(crop)).toEqual({
    elementId: 'l-1',
    elementType: 'crop',
    frame: crop.frame_data,
    labels: [label],
    inferences: [],
    crop: { uuid: 'l-1' },
    frameId: 't',
    faults: {},
  });
});

it('parseElement reads inferences and the type of a crop in either spelling, and the label in crop_data', () => {
  const { frame_data: frame } = crop;
  for (const more of [
    { crop_type: 'inference', frame_data: { ...frame, inference_data: [label] } },
    { cropType: 'inference', frame_data: undefined, frameData: { ...frame, inferenceData: [label] } },
  ])
    expect(valid({ ...crop, ...more })).toMatchObject({ cropType: 'inference', inferences: [label] });
  expect(valid({ ...crop, crop_data: label }).crop).toEqual({
    uuid: 'l-1',
    label: 'car',
    coordinateFrame: 'cam',
    attributes: { confidence: 0.5 },
  });
  expect(valid({ ...crop, crop_type: 7, frame_data: { label_data: [], inference_data: {} } })).toMatchObject({
    inferences: [],
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
  expect(valid({ ...bare, status: 3, comments: null }).crop).toBeUndefined();
  expect(valid({ ...crop, crop_data: null }).crop).toBeUndefined();
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
  expect(shown({ frame_id: 7 })).toEqual([undefined, undefined, 't']); // the client's task_id is the frame id
});

it('parseElement accepts a frame without labels and without frame_data', () => {
  expect(valid({ element_id: 'f', element_type: 'frame' })).toMatchObject({ frame: {}, labels: [] });
  expect(
    valid({ element_id: 'f', element_type: 'frame', frame_data: {}, crop_data: 'not read' }),
  ).toMatchObject({ labels: [] });
});

it('readLabel drops a class and attributes of a wrong type, and keeps the uuid as sent', () => {
  expect(readLabel({ uuid: 7, label: 5, attributes: [], label_coordinate_frame: {} })).toEqual({ uuid: 7 });
  for (const odd of [null, 'x', 7, [], undefined]) expect(readLabel(odd)).toBeUndefined();
});

it.each(['label_coordinate_frame', 'label_coorindate_frame', 'labelCoordinateFrame'])(
  'readLabel reads the sensor of a label from %s',
  (key) => {
    expect(readLabel({ uuid: 'a', [key]: 'rear' })?.coordinateFrame).toBe('rear');
  },
);

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
  ['no type', { ...crop, element_type: undefined }, 'element_type: expected "frame" or "crop"'],
  ['another type', { ...crop, element_type: 'cuboid' }, 'element_type: expected "frame" or "crop"'],
])('%s makes the element invalid, and the reason names the place', (_, value, reason) => {
  expect(why(value)).toBe(reason);
});

it.each([
  ['frame_data', { ...crop, frame_data: undefined }, { labels: 'frame_data: expected object' }],
  ['frame_data', { ...crop, frame_data: 'x' }, { labels: 'frame_data: expected object, received string' }],
  ['label_data', { ...crop, frame_data: {} }, { labels: 'frame_data.label_data: expected array' }],
  [
    'label_data',
    { ...crop, frame_data: { label_data: {} } },
    { labels: 'frame_data.label_data: expected array, received object' },
  ],
  ['crop_data', { ...crop, crop_data: 'x' }, { crop: 'crop_data: expected object, received string' }],
  ['crop_data', { ...crop, crop_data: [] }, { crop: 'crop_data: expected object, received array' }],
  [
    'crop_data',
    { ...crop, crop_data: { uuid: 7 } },
    { crop: 'crop_data.uuid: expected string, received number' },
  ],
])('A missing or odd %s is a fault of the part, because a route may not use it', (_, value, faults) => {
  expect(valid(value).faults).toEqual(faults);
});

it.each([
  ['a text', { element_id: 'e', element_type: 'x' }, undefined, 'e'],
  ['the next spelling', { element_id: 7, elementId: [], id: 'e' }, '7', 'e'],
  ['a number, as the body has it', { element_id: 1.5 }, '1.50', '1.50'],
  ['nothing', { element_id: { a: 1 }, id: '' }, undefined, undefined],
  ['a text of an element that is too heavy', new TooHeavy({ element_id: 'e' }), undefined, 'e'],
  ['a number of an element that is too heavy', new TooHeavy(), '17', '17'],
])('An invalid element is named by %s', (_, value, literalId, elementId) => {
  expect(parseElement({ value, ...defined({ literalId }) })).toEqual({
    kind: 'invalid',
    why: expect.any(String) as string,
    ...defined({ elementId }),
  });
});

it('An element that is too heavy is read as far as its texts, and has no labels that a route could use', () => {
  const heavy = new TooHeavy({ id: 'e', type: 'crop', cropType: 'inference', dataset: 'd' });
  expect(valid(heavy)).toMatchObject({
    elementId: 'e',
    cropType: 'inference',
    dataset: 'd',
    labels: [],
    faults: { labels: heavy.why },
  });
});

it('The reason has no value in it', () => {
  expect(why({ element_id: ['secret'], element_type: 'secret' })).toBe(
    'element_id: expected string, received array; element_type: expected "frame" or "crop"',
  );
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

it('A number past 2^53 anywhere else passes', () => {
  const json = JSON.stringify({
    ...crop,
    n: 'N',
    frame_data: { label_data: [{ uuid: 'l-1', attributes: { id: 'N' }, n: 'N' }], user__id: 'N' },
  });
  expect(valid(JSON.parse(json.replaceAll('"N"', '9007199254740993'))).labels).toHaveLength(1);
});
