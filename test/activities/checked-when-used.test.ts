import { copyFileSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { defined } from '../../src/collections/defined';
import type { PreparedPlan } from '../../src/activities/contracts';
import { tempFolder } from '../payloads/temp-folder';
import { aRoute, crops } from '../support/builders';
import { ActivityHarness } from '../support/harness/activity-harness';

/*
 * A file that was right when a worker first read it is changed before it is read again.
 */

const parent = tempFolder();
const newHarness = () => new ActivityHarness(mkdtempSync(join(parent, 'store-')));

/** An approved plan of 60 labels whose first ten were sent, and the plan of another export with as many labels. */
async function halfSent() {
  const harness = newHarness();
  const plan = await harness.plan(await harness.accept(crops(60)));
  await harness.relabel(plan.ref, 0, 10, defined({ planSha256: plan.planSha256 }));
  const other = newHarness();
  const foreign = await other.plan(await other.accept(crops(60, 'other')));
  const copy = (...names: string[]) => {
    for (const name of names) copyFileSync(other.path(foreign.ref, name), harness.path(plan.ref, name));
  };
  return { harness, plan, copy };
}

const sendNext = (harness: ActivityHarness, { ref, planSha256 }: PreparedPlan) =>
  harness.relabel(ref, 10, 20, defined({ planSha256 }));

it.each([
  ['labels.ndjson', 'was changed after it was checked'],
  ['labels.index', 'was changed after it was checked'],
])(
  'Nothing is sent from %s of another export that was copied over it after the first call',
  async (name, what) => {
    const { harness, plan, copy } = await halfSent();
    const calls = harness.service.calls.length;
    harness.flipByte(harness.path(plan.ref, name), 90);
    if (name === 'labels.ndjson') copy(name);
    expect(await sendNext(harness, plan)).toEqual({
      kind: 'needs-person',
      because: `${name} of attempt 1 at revision ${plan.ref.revision} ${what}. Nothing of this chunk was sent.`,
    });
    expect(harness.service.calls).toHaveLength(calls);
  },
);

it('Nothing is sent from the whole plan of another export, even though each of its hashes is right', async () => {
  const { harness, plan, copy } = await halfSent();
  copy('labels.ndjson', 'labels.index', 'left-out.ndjson', 'plan.json');
  expect(await sendNext(harness, plan)).toMatchObject({
    kind: 'needs-person',
    because: expect.stringMatching(
      /^plan\.json of attempt 1 at revision \w+ was changed after it was written/,
    ) as string,
  });
});

it('Nothing is sent from an older plan of the same attempt, although each of its hashes is right', async () => {
  const harness = newHarness();
  const [older, newer] = [await harness.accept(crops(5)), await harness.accept(crops(8))];
  const { ref } = await harness.plan(newer);
  const names = ['labels.ndjson', 'labels.index', 'left-out.ndjson', 'plan.json'];
  for (const name of names) copyFileSync(harness.path(ref, name), join(harness.folder, name));
  await harness.complete(older);
  const { planSha256 } = await harness.plan(newer); // made again, with the three labels that are new
  for (const name of names) copyFileSync(join(harness.folder, name), harness.path(ref, name));
  expect(await harness.relabel(ref, 0, 3, defined({ planSha256 }))).toMatchObject({
    kind: 'needs-person',
    because: expect.stringContaining(
      `plan.json of attempt 1 at revision ${ref.revision} is another plan`,
    ) as string,
  });
});

it('The next call is made once the file is restored', async () => {
  const { harness, plan } = await halfSent();
  const path = harness.path(plan.ref, 'labels.ndjson');
  harness.flipByte(path, 1500);
  await sendNext(harness, plan);
  harness.flipByte(path, 1500);
  expect(await sendNext(harness, plan)).toMatchObject({ kind: 'done', relabeled: 10 });
});

it('Nothing is sent by an older plan with the same labels and another project', async () => {
  const harness = newHarness();
  const request = await harness.accept(crops(5));
  const { ref, digits } = await harness.plan(request);
  copyFileSync(harness.path(ref, 'plan.json'), join(harness.folder, 'plan.json'));
  harness.restart({ routes: [aRoute({ destinationProject: 'elsewhere' })] });
  const again = await harness.plan(request);
  expect(again.digits).toBe(digits);
  copyFileSync(join(harness.folder, 'plan.json'), harness.path(ref, 'plan.json'));
  expect(await harness.relabel(ref, 0, 5, defined({ planSha256: again.planSha256 }))).toMatchObject({
    kind: 'needs-person',
  });
  expect(harness.service.calls).toEqual([]);
});
