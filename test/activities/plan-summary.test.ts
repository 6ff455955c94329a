import { activityHarnesses, type ActivityHarness } from '../support/harness/activity-harness';
import { aCrop, aFrame, aLabel } from '../support/builders';

const newHarness = activityHarnesses();
let harness: ActivityHarness;
beforeEach(() => {
  harness = newHarness();
});

const sensors = (image_url: unknown) => ({
  sensor_data: [
    { sensor_id: 'lidar', data_urls: {} },
    { sensor_id: 'cam', data_urls: { image_url } },
  ],
});

it('A plan counts its labels by class, dataset and inference set, and its frames', async () => {
  const crop = (id: string, label: string, dataset: string, frame: string) =>
    aCrop(id, {
      dataset,
      frame_id: frame,
      inference_set: 'model-2',
      frame: { label_data: [{ uuid: id, label }] },
    });
  const { ref } = await harness.plan(
    await harness.accept([
      crop('a', 'plate', 'day', 'f1'),
      crop('b', 'plate', 'night', 'f1'),
      crop('c', 'car', 'day', 'f2'),
      crop('c', 'car', 'day', 'f2'),
      aFrame('skipped', ['x']),
    ]),
  );
  expect(harness.planFile(ref).summary).toMatchObject({
    classes: {
      top: [
        { name: 'plate', labels: 2 },
        { name: 'car', labels: 1 },
      ],
      other: 0,
    },
    datasets: {
      top: [
        { name: 'day', labels: 2 },
        { name: 'night', labels: 1 },
      ],
      other: 0,
    },
    inferenceSets: { top: [{ name: 'model-2', labels: 3 }], other: 0 },
    frames: 2,
    sample: [
      { position: 1, labelId: 'a', className: 'plate' },
      { position: 2, labelId: 'b' },
      { position: 3, labelId: 'c' },
    ],
  });
});

it('A plan counts labels without a name, and those of names beyond the listed ones, as other', async () => {
  const elements = Array.from({ length: 60 }, (_, at) =>
    aCrop(`l${at}`, { frame: { label_data: [{ uuid: `l${at}`, label: `class ${at}` }] } }),
  );
  const { ref } = await harness.plan(
    await harness.accept([...elements, aCrop('n', { frame: { label_data: [{ uuid: 'n' }] } })]),
  );
  const { classes } = harness.planFile(ref).summary!;
  expect({ listed: classes.top.length, other: classes.other }).toEqual({ listed: 50, other: 11 });
});

it('A plan samples twelve labels, the same for the same plan', async () => {
  const elements = Array.from({ length: 500 }, (_, at) =>
    aCrop(`l${at}`, {
      frame: { label_data: [aLabel(`l${at}`)], ...sensors(`https://images.example/${at}.jpg`) },
    }),
  );
  const readSample = async () =>
    harness.planFile((await harness.plan(await harness.accept(elements, { force: true }))).ref).summary!
      .sample;
  const sample = await readSample();
  expect(sample).toHaveLength(12);
  for (const { position, labelId, imageUrl } of sample)
    expect({ labelId, imageUrl }).toEqual({
      labelId: `l${position - 1}`,
      imageUrl: `https://images.example/${position - 1}.jpg`,
    });
  expect(sample.map(({ position }) => position)).toEqual(
    sample.map(({ position }) => position).toSorted((a, b) => a - b),
  );
  expect(await readSample()).toEqual(sample);
});
