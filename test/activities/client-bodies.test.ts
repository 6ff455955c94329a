import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { activityHarnesses } from '../support/harness/activity-harness';
import { aRoute } from '../support/builders';
import type { Route } from '../../src/domain/route';

/** Exports whose elements Aquarium's own Python client wrote. */
const folder = resolve(__dirname, '../fixtures/client-bodies');
const newHarness = activityHarnesses();

async function planOf(name: string, change: Partial<Route> = {}) {
  const harness = newHarness();
  harness.restart({ routes: [aRoute(change)] });
  const body = readFileSync(join(folder, `${name}.json`));
  const { project, issue } = JSON.parse(body.toString()) as { project: string; issue: { id: string } };
  const { ref } = await harness.plan(await harness.acceptBody(body, { project, issueId: issue.id }));
  const { summary, leftOut } = harness.planFile(ref);
  return {
    labels: harness.labels(ref).map(({ labelId, className }) => `${labelId} ${className}`),
    leftOut,
    reasons: harness.leftOut(ref).map(({ elementId, reason }) => `${elementId} ${reason}`),
    images: summary.sample.map(({ imageUrl, noImage }) => imageUrl ?? noImage),
  };
}

const base = 'https://img.example/base.png';
const types2d = ['f1-box car', 'f1-line tree', 'f1-kp person', 'f1-poly dog', 'f1-poly0 dog', 'f1-tok tree'];
const onNoImage = 'the label is on no image';

it.each([
  ['gsurl', ['gs-1 car'], ['its address is not a web link']],
  ['instseg', ['is-mask __mask', 'is-mask_1 car', 'is-mask_2 dog'], [base, base, base]],
  [
    'media',
    ['c-audio dog', 'c-video dog', 'c-text dog', 'c-obj dog'],
    Array.from({ length: 4 }, () => onNoImage),
  ],
  [
    'multi',
    ['m-box-0 car', 'm-box-1 car', 'm-box-2 car', 'm-cub car'],
    [...[0, 1, 2].map((at) => `https://img.example/cam${at}.png`), onNoImage],
  ],
  ['noframe', types2d, types2d.map(() => undefined)],
  ['overlay', ['ov-1 car'], [base]],
  ['semseg', ['ss-mask __mask'], [base]],
  ['two-cams', ['L car'], ['https://img.example/rear.png']],
  ['types2d', types2d, types2d.map(() => base)],
  ['unlabeled', ['prop-1 car'], [base]],
])(
  'Every crop of the client’s body %s is a label, shown with its own image',
  async (name, labels, images) => {
    expect(await planOf(name)).toEqual({ labels, leftOut: {}, reasons: [], images });
  },
);

it.each(['inference', 'inference-both', 'inference-merged'])(
  'The crops of the client’s body %s are inferences of a model, and none is sent',
  async (name) => {
    expect(await planOf(name)).toEqual({
      labels: [],
      leftOut: { inference: 2 },
      reasons: ['inf-1 inference', 'inf-2 inference'],
      images: [],
    });
  },
);

it.each([
  ['inference', [], { inference: 2 }],
  ['inference-both', [], { inference: 2 }],
  ['inference-merged', types2d, { 'same-label': 6 }],
])(
  'With crops: all-in-frame, the client’s body %s sends no inference either',
  async (name, labels, leftOut) => {
    expect(await planOf(name, { crops: 'all-in-frame' })).toMatchObject({ labels, leftOut });
  },
);

it('An id that the client was given as ext_id is found under its prefix, and the reason says so', async () => {
  const { leftOut } = await planOf('types2d', { labelId: 'attributes.ext_id' });
  expect(leftOut).toEqual({ 'missing-label-id': 6 });
  expect((await planOf('types2d', { labelId: 'attributes.user__ext_id' })).labels).toEqual(['EXT-1 car']);
});
