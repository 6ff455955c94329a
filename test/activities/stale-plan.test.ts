import { ActivityHarness } from '../support/activity-harness';
import { crops } from '../support/builders';
import { tempFolder } from '../payloads/temp-folder';

const root = tempFolder();

it('a plan that was made in passing before another export sent its labels sends only what is new, also after a lost database', async () => {
  const harness = new ActivityHarness(root);
  const older = await harness.accept(crops(5));
  const newer = await harness.accept(crops(8));
  await harness.plan(older);
  await harness.plan(newer); // looked at in passing, while the older one waited for approval; then that one was approved
  await harness.complete(older);
  const afterTheLoss = await harness.plan(newer); // by a run that knows of nothing
  expect(afterTheLoss.labels).toBe(3);
});
