import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createDryRunStore } from '../../src/cli/dry-run/dry-run-store';
import { createFolderStore } from '../../src/payloads/folder/folder-store';
import { createJson, readJson, writeJson } from '../../src/payloads/small-objects';
import { tempFolder } from '../payloads/temp-folder';

const parent = tempFolder();

it('The store of a dry run creates no object that exists, in memory or in the earlier store', async () => {
  const folder = mkdtempSync(join(parent, 'store-'));
  const earlier = createFolderStore({ folder });
  await writeJson(earlier, 'exports/a', 'earlier');
  const store = createDryRunStore({ sha256: '0'.repeat(64), file: join(folder, 'none') }, earlier);
  expect(await createJson(store, 'exports/a', 'new')).toBe(false);
  expect(await createJson(store, 'exports/b', 'first')).toBe(true);
  expect(await createJson(store, 'exports/b', 'second')).toBe(false);
  expect([await readJson(store, 'exports/a'), await readJson(store, 'exports/b')]).toEqual([
    'earlier',
    'first',
  ]);
  expect(await earlier.list('exports/')).toEqual(['a']);
});
