import { ActivityHarness } from '../support/harness/activity-harness';
import { crops } from '../support/builders';
import { tempFolder } from '../payloads/temp-folder';

const root = tempFolder();

it('A plan that was made before another export sent its labels is made again with only new labels, also after a lost database', async () => {
  const harness = new ActivityHarness(root);
  const older = await harness.accept(crops(5));
  const newer = await harness.accept(crops(8));
  await harness.plan(older);
  await harness.plan(newer); // made while the older request waited for approval; then the older one is approved
  await harness.complete(older);
  const afterLoss = await harness.plan(newer); // by a new run, after Temporal's database was lost
  expect(afterLoss.labels).toBe(3);
});
