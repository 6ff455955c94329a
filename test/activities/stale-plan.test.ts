import { ActivityBench } from '../support/activity-harness';
import { crops } from '../support/builders';
import { tempFolder } from '../payloads/temp-folder';

const root = tempFolder();

test('a plan that was made in passing before another export sent its labels sends only what is new, also after a lost database', async () => {
  const bench = new ActivityBench(root);
  const older = await bench.accept(crops(5));
  const newer = await bench.accept(crops(8));
  await bench.plan(older);
  await bench.plan(newer); // looked at in passing, while the older one waited for approval; then that one was approved
  await bench.complete(older);
  const afterTheLoss = await bench.plan(newer); // by a run that knows of nothing
  expect(afterTheLoss.labels).toBe(3);
});
