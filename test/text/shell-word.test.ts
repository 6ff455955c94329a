import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { shellWord } from '../../src/text/shell-word';
import { tempFolder } from '../payloads/temp-folder';
import { acceptedIds, unprintable } from '../support/hostile-names';

const folder = tempFolder();

it('shellWord passes every accepted id to a shell as one word, and the shell runs none of it', () => {
  const script = acceptedIds.map((id) => `printf '%s\\0' ${shellWord(id)}\n`).join('');
  const { stdout, stderr } = spawnSync('sh', ['-s'], { cwd: folder, input: script });
  expect(stderr.toString()).toBe('');
  expect(stdout.toString('utf8').split('\0').slice(0, -1)).toEqual(acceptedIds);
  expect(readdirSync(folder)).toEqual([]);
});

it('shellWord shows invisible characters as octal bytes, and other text unchanged', () => {
  for (const id of acceptedIds) expect(shellWord(id)).not.toMatch(unprintable);
  expect(shellWord("it's $1")).toBe(`'it'\\''s $1'`);
  expect(shellWord("100% it's\u202E")).toBe(`"$(printf '100%% it'\\''s\\342\\200\\256')"`);
});
