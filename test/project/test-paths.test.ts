import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

it('No path under test/ contains bench: speed belongs in npm run bench', () => {
  const paths = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'test'], {
    cwd: resolve(__dirname, '../..'),
    encoding: 'utf8',
  }).split('\n');
  expect(paths.length).toBeGreaterThan(200);
  expect(paths.filter((path) => /bench/i.test(path))).toEqual([]);
});
