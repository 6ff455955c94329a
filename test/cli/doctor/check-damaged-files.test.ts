import { rmSync } from 'node:fs';
import { checkDamagedFiles } from '../../../src/cli/doctor/check-damaged-files';
import { attemptFolder } from '../../../src/payloads/keys';
import { crops } from '../../support/builders';
import { activityHarnesses } from '../../support/harness/activity-harness';

const newHarness = activityHarnesses();

it('A lost report is wrong until an operator has accepted the loss; then it is a note with the name', async () => {
  const harness = newHarness();
  const check = () => checkDamagedFiles({ config: { storeFolder: harness.folder } });
  const { ref } = await harness.complete(await harness.accept(crops(5)));
  for (const name of ['plan.json', 'report.json']) rmSync(harness.path(ref, name));
  const folder = attemptFolder(ref);
  expect(await check()).toMatchObject([
    {
      state: 'wrong',
      says: `2 files of the store are missing or changed: ${folder}plan.json (missing), ${folder}report.json (missing).`,
    },
  ]);
  const again = { by: 'ann', reason: 'the disk died', after: 1 };
  await harness.complete(await harness.accept(crops(5), { force: true, again }));
  expect(await check()).toEqual([
    {
      part: 'damaged files',
      state: 'note',
      says: `2 files of the store are missing or changed, and an operator accepted that: ${folder}plan.json (missing, accepted by ann), ${folder}report.json (missing, accepted by ann).`,
    },
  ]);
  rmSync(harness.path(ref, 'receipts/0-5.json'));
  expect(await check()).toMatchObject([{ state: 'wrong' }]);
});
