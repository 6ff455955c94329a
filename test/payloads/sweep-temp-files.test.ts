import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createFolderStore } from '../../src/payloads/folder/folder-store';
import { sweepTempFiles } from '../../src/payloads/folder/sweep-temp-files';
import { tempFolder } from './temp-folder';

const parent = tempFolder();
const deadPid = spawnSync(process.execPath, ['-e', '']).pid;
const hour = 60 * 60 * 1000;

/** A store folder with one temp file, last written `ageMs` ago. */
function folderWith(name: string, ageMs = 0): string {
  const folder = mkdtempSync(join(parent, 'store-'));
  mkdirSync(join(folder, 'tmp'));
  const path = join(folder, 'tmp', name);
  writeFileSync(path, 'left behind');
  const at = new Date(Date.now() - ageMs);
  utimesSync(path, at, at);
  return folder;
}

describe('sweepTempFiles', () => {
  it.each([
    ['of this host whose process is dead', `${hostname()}-${deadPid}-00ff.tmp`, 0],
    ['of our own pid from before our process started', `${hostname()}-${process.pid}-00ff.tmp`, 23 * hour],
    ['of another host after a day', `elsewhere-1-00ff.tmp`, 25 * hour],
    ['of a name it does not know after a day', `odd.tmp`, 25 * hour],
  ])('removes a file %s', async (_, name, age) => {
    const folder = folderWith(name, age);
    expect(await sweepTempFiles(folder)).toBe(1);
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });

  it.each([
    ['of our own process', `${hostname()}-${process.pid}-00ff.tmp`, 0],
    ['of another living process', `${hostname()}-1-00ff.tmp`, 23 * hour],
    ['of another host', `elsewhere-${deadPid}-00ff.tmp`, 23 * hour],
    ['of a name it does not know', `odd.tmp`, 23 * hour],
  ])('leaves a file %s', async (_, name, age) => {
    const folder = folderWith(name, age);
    expect(await sweepTempFiles(folder)).toBe(0);
    expect(readdirSync(join(folder, 'tmp'))).toEqual([name]);
  });

  it('leaves the files that this process is staging, and accepts a store without a folder', async () => {
    const folder = mkdtempSync(join(parent, 'store-'));
    expect(await sweepTempFiles(join(folder, 'none'))).toBe(0);
    const staged = await createFolderStore({ folder }).stage();
    expect(await sweepTempFiles(folder)).toBe(0);
    await staged.commit('deliveries/a');
    expect(readdirSync(join(folder, 'deliveries'))).toEqual(['a']);
  });
});
