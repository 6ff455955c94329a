import { findImage } from '../../src/activities/plan/find-image';

const sensor = (sensor_id: string, change: object = {}) => ({
  sensor_id,
  sensor_type: 'IMAGE_V0',
  coordinate_frame: sensor_id,
  data_urls: { image_url: `https://images.example/${sensor_id}.png` },
  ...change,
});
const lidar = (id: string, frame: string) =>
  sensor(id, {
    sensor_type: 'POINTCLOUD_PCD_V0',
    coordinate_frame: frame,
    data_urls: { pcd_url: 'https://images.example/a.pcd' },
  });
const find = (sensors: unknown, frame?: string) => findImage({ sensor_data: sensors }, frame);
const image = (name: string) => ({ imageUrl: `https://images.example/${name}.png` });

it('A label has the image of the sensor that it names', () => {
  const cameras = [sensor('front'), sensor('rear')];
  expect(find(cameras, 'rear')).toEqual(image('rear'));
  expect(find(cameras, 'front')).toEqual(image('front'));
});

it('A label names the id of its sensor first, then the sensor’s coordinate frame', () => {
  const cameras = [sensor('a', { coordinate_frame: 'b' }), sensor('b', { coordinate_frame: 'c' })];
  expect(find(cameras, 'b')).toEqual(image('b'));
  expect(find(cameras, 'c')).toEqual(image('b'));
  const camelCase = [
    { sensorId: 'x', coordinateFrame: 'y', dataUrls: { previewUrl: 'https://images.example/x.png' } },
  ];
  expect(findImage({ sensorData: camelCase }, 'y')).toEqual(image('x'));
});

it('An overlay is shown only when its coordinate frame has no image of its own', () => {
  const overlay = sensor('depth', { sensor_type: 'IMAGE_OVERLAY_V0', coordinate_frame: 'cam' });
  expect(find([overlay, sensor('base', { coordinate_frame: 'cam' })], 'cam')).toEqual(image('base'));
  expect(find([overlay, sensor('other')], 'cam')).toEqual(image('depth'));
  expect(find([overlay, sensor('base')])).toEqual(image('base')); // the label names no sensor
  const inCloud = sensor('base', { coordinate_frame: 'cam', data_urls: { image_url: 'gs://bucket/a.png' } });
  expect(find([overlay, inCloud], 'cam')).toEqual({ noImage: 'its address is not a web link' });
});

it('Of two images in the label’s coordinate frame, none is shown unless the label names a sensor’s id', () => {
  const stereo = [sensor('left', { coordinate_frame: 'rig' }), sensor('right', { coordinate_frame: 'rig' })];
  const noImage = 'several images have the label’s coordinate frame';
  expect(find(stereo, 'rig')).toEqual({ noImage });
  expect(find(stereo, 'right')).toEqual(image('right'));
  expect(find([...stereo, sensor('rig', { coordinate_frame: 'other' })], 'rig')).toEqual(image('rig'));
  expect(find([stereo[0], lidar('lidar', 'rig')], 'rig')).toEqual(image('left'));
  const overlays = stereo.map((camera) => ({ ...camera, sensor_type: 'IMAGE_OVERLAY_V0' }));
  expect(find(overlays, 'rig')).toEqual({ noImage });
  const anonymous = stereo.map((camera) => ({ ...camera, sensor_id: undefined }));
  expect(find(anonymous, 'rig')).toEqual({ noImage });
  const twins = [sensor('cam'), sensor('cam', { data_urls: { image_url: 'https://images.example/b.png' } })];
  expect(find(twins, 'cam')).toEqual({ noImage: 'several images have the sensor id that the label names' });
});

it.each([
  ['a point cloud', [sensor('cam'), lidar('lidar', 'lidar_cf')], 'lidar_cf', 'the label is on no image'],
  ['an unknown sensor', [sensor('cam')], 'world', 'no sensor of the frame matches the label'],
  ['no sensor, of two cameras', [sensor('a'), sensor('b')], undefined, 'the label names no sensor'],
  ['no sensor, of point clouds', [lidar('a', 'a'), lidar('b', 'b')], undefined, 'the label is on no image'],
  [
    'a camera whose image is in a cloud store',
    [sensor('cam', { data_urls: { image_url: 'gs://bucket/a.png' } }), sensor('other')],
    'cam',
    'its address is not a web link',
  ],
])('A label on %s has no image, and says why', (_, sensors, frame, noImage) => {
  expect(find(sensors, frame)).toEqual({ noImage });
});

it('A label that names no sensor has the only image of its frame', () => {
  expect(find([lidar('lidar', 'world'), sensor('cam')])).toEqual(image('cam'));
});

const nameless = (name: string, change: object = {}) =>
  sensor(name, { sensor_id: undefined, coordinate_frame: undefined, ...change });

it('A sensor without a name is never taken for the one that a label names beside it', () => {
  const noImage = 'no sensor of the frame matches the label';
  expect(find([nameless('a'), sensor('front')], 'rear')).toEqual({ noImage });
  expect(find([nameless('a'), lidar('lidar', 'lidar_cf')], 'rear')).toEqual({ noImage });
  expect(find([nameless('a'), lidar('lidar', 'lidar_cf')], 'lidar_cf')).toEqual({
    noImage: 'the label is on no image',
  });
});

it('The only image of a frame whose sensors have no names is the image of its labels', () => {
  const depth = nameless('depth', { sensor_type: 'IMAGE_OVERLAY_V0' });
  for (const label of [undefined, 'cam']) {
    expect(find([nameless('a')], label)).toEqual(image('a'));
    expect(find([depth, nameless('a')], label)).toEqual(image('a'));
  }
  expect(find([nameless('a'), nameless('b')], 'cam')).toEqual({
    noImage: 'the frame has several images, and its sensors have no names',
  });
});

it('A label in the world is not on the image of a sensor without a name', () => {
  const frame = {
    sensor_data: [nameless('a')],
    coordinate_frames: [
      null,
      { coordinate_frame_id: 'cam', coordinate_frame_type: 'IMAGE' },
      { coordinate_frame_id: 'world', coordinate_frame_type: 'WORLD' },
      { coordinateFrameId: 'base', coordinateFrameType: 'WORLD' },
    ],
  };
  for (const label of ['world', 'base'])
    expect(findImage(frame, label)).toEqual({ noImage: 'the label is on no image' });
  for (const label of ['cam', 'unlisted', undefined]) expect(findImage(frame, label)).toEqual(image('a'));
  expect(findImage({ ...frame, coordinate_frames: 'x' }, 'world')).toEqual(image('a'));
});

it.each([
  ['https://images.example/a.jpg?token=1', 'https://images.example/a.jpg?token=1'],
  ['http://images.example/a b.jpg', 'http://images.example/a%20b.jpg'],
  ['javascript:alert(1)', undefined],
  ['data:image/png;base64,AAAA', undefined],
  ['https://user:password@images.example/', undefined],
  ['/a.jpg', undefined],
  [`https://images.example/${'a'.repeat(2000)}`, undefined],
])('The image %j becomes the link %j', (image_url, imageUrl) => {
  const found = find([sensor('cam', { data_urls: { image_url } })], 'cam');
  const noImage =
    image_url.length > 2000 ? 'its address has more than 2,000 characters' : 'its address is not a web link';
  expect(found).toEqual(imageUrl === undefined ? { noImage } : { imageUrl });
});

it('A preview is shown in place of an image that a browser cannot open', () => {
  const data_urls = { image_url: 'gs://bucket/a.png', preview_url: 'https://images.example/p.png' };
  expect(find([sensor('cam', { data_urls })], 'cam')).toEqual(image('p'));
});

it.each([[undefined], ['x'], [[]], [[null, 1, []]]])(
  'A frame with the sensors %j has no image',
  (sensors) => {
    expect(find(sensors, 'cam')).toEqual({});
  },
);

it.each([
  [{ sensor_id: 'cam' }],
  [{ sensor_id: 'cam', data_urls: [] }],
  [{ sensor_id: 'cam', data_urls: { image_url: 7 } }],
])('The sensor %j has no image', (odd) => {
  expect(find([odd], 'cam')).toEqual({ noImage: 'the label is on no image' });
});
