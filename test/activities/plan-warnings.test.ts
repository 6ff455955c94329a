import { LabelConflicts } from '../../src/activities/plan/label-conflicts';
import type { Element } from '../../src/domain/element';
import type { Route } from '../../src/domain/route';
import { aCrop, aFrame, aLabel, aRoute, crops } from '../support/builders';
import { activityHarnesses } from '../support/harness/activity-harness';

const newHarness = activityHarnesses();

/** Sends the labels of these elements; returns what the plan counts and sends, and the report's warnings. */
async function warningsOf(elements: readonly unknown[], change: Partial<Route> = {}) {
  const harness = newHarness();
  harness.restart({ routes: [aRoute(change)] });
  const { ref, labels } = await harness.complete(await harness.accept(elements));
  const { warnings } = harness.planFile(ref).summary;
  expect(harness.reportJson(ref)['warnings']).toEqual(warnings);
  return { labels, warnings };
}

const crop = (id: string, frame: string, label = 'car') =>
  aCrop(id, { frame_id: frame, labels: [aLabel(id, { label })] });

it('A plan and its report count the labels with different classes, and those in several frames', async () => {
  const { labels, warnings } = await warningsOf([
    crop('a', 'f1'),
    crop('a', 'f1', 'bus'),
    crop('a', 'f1', 'van'),
    crop('b', 'f1'),
    crop('b', 'f2'),
    crop('c', 'f2', 'bus'),
    crop('c', 'f3', 'car'),
    crop('d', 'f3'),
    crop('d', 'f3'),
  ]);
  expect(labels).toBe(4);
  expect(warnings).toEqual([
    {
      warning: 'different-classes',
      labels: 2,
      message: '2 label ids occur with different classes. Each counts as one label, which is sent once.',
    },
    {
      warning: 'several-frames',
      labels: 2,
      message: '2 label ids occur in several frames. Each counts as one label, which is sent once.',
    },
  ]);
});

it.each([
  ['different labels', crops(5)],
  [
    'a label without a class beside one with a class',
    [crop('a', 'f'), aCrop('a', { frame_id: 'f', labels: [{ uuid: 'a' }] })],
  ],
  [
    'a label without a known frame',
    [crop('a', 'f'), aCrop('a', { frame_id: null, frame: { task_id: null } })],
  ],
  ['a frame and a crop of it', [aFrame('f', ['a', 'b']), crop('a', 'f')]],
])('A plan of %s has no warnings', async (_, elements) => {
  expect((await warningsOf(elements, { frames: 'all-labels' })).warnings).toBeUndefined();
});

it('An id of a frame that several crops share is one label, with a warning', async () => {
  const inFrame = (id: string, frame: string) =>
    aCrop(id, { frame_id: frame, frame: { user__lb_id: `LB-${frame}` } });
  const elements = [inFrame('a', '1'), inFrame('b', '1'), inFrame('c', '1'), inFrame('d', '2')];
  expect(await warningsOf(elements, { labelId: 'user__lb_id' })).toEqual({
    labels: 2,
    warnings: [
      {
        warning: 'several-labels',
        labels: 1,
        message:
          '1 label id occurs at user__lb_id for several labels of Aquarium. It counts as one label, which is sent once.',
      },
    ],
  });
  expect((await warningsOf(elements)).warnings).toBeUndefined();
});

it('An attribute that several labels of a frame share is one label, with a warning', async () => {
  const frame_data = {
    label_data: ['a', 'b'].map((uuid) => aLabel(uuid, { attributes: { track: 't' } })),
  };
  const elements = [{ ...aFrame('f', []), frame_data }];
  const { labels, warnings } = await warningsOf(elements, {
    frames: 'all-labels',
    labelId: 'attributes.track',
  });
  expect({ labels, warnings }).toMatchObject({
    labels: 1,
    warnings: [{ warning: 'several-labels', labels: 1 }],
  });
});

it('LabelConflicts counts each label once, among a hundred thousand', () => {
  const conflicts = new LabelConflicts('uuid');
  const add = (position: number, className: string, frameId: string) =>
    conflicts.add(position, { labelId: '', className, source: { uuid: '' } }, { frameId } as Element);
  const count = 100_000;
  for (let position = 0; position < count; position += 1) add(position, `class ${position}`, `f${position}`);
  for (let position = 0; position < count; position += 1)
    for (const round of [1, 2])
      add(
        position,
        position % 5 === 0 ? `${round}` : `class ${position}`,
        position % 2 === 0 ? 'x' : `f${position}`,
      );
  expect(conflicts.warnings.map(({ warning, labels }) => [warning, labels])).toEqual([
    ['different-classes', count / 5],
    ['several-frames', count / 2],
  ]);
});
