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

it('A label has the only image of its frame when label or sensor names no other', () => {
  expect(find([lidar('lidar', 'world'), sensor('cam')])).toEqual(image('cam'));
  const nameless = [{ data_urls: { image_url: 'https://images.example/a.png' } }];
  expect(find(nameless, 'cam')).toEqual(image('a'));
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
  expect(found).toEqual(imageUrl === undefined ? { noImage: 'its address is not a web link' } : { imageUrl });
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
