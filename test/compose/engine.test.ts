import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Ran } from '../../src/processes/run-program';
import { root } from './compose-file';
import { findEngine } from './engine';

const answers: Ran = { code: 0, stdout: '2.40.3\n', stderr: '' };
const isMissing: Ran = { code: null, stdout: '', stderr: 'spawn docker ENOENT\nmore' };

/** An outer world in which these commands answer, and no other is there. */
const world = (there: readonly string[]) => async (program: string, args: readonly string[]) =>
  there.some((command) => `${program} ${args.join(' ')}`.startsWith(command)) ? answers : isMissing;

it('takes docker compose, else docker-compose', async () => {
  expect(await findEngine(world(['docker']))).toEqual({
    version: '2.40.3',
    compose: ['docker', 'compose'],
    composeVersion: '2.40.3',
  });
  expect((await findEngine(world(['docker version', 'docker-compose']))).compose).toEqual(['docker-compose']);
});

it('says in one sentence what is missing', async () => {
  await expect(findEngine(world([]))).rejects.toThrow(
    'No container engine answers (spawn docker ENOENT): install and start Docker, then run this again.',
  );
  await expect(findEngine(world(['docker version']))).rejects.toThrow(
    'Docker answers, but has no compose: install its compose plugin, or docker-compose, then run this again.',
  );
});

it('ends npm run test:compose with 1 and that sentence where there is no engine', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'test/compose/with-engine.ts'],
    {
      cwd: root,
      encoding: 'utf8',
      env: { PATH: join(root, 'test/compose') }, // no docker there
    },
  );
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: '',
    stderr:
      'No container engine answers (spawn docker ENOENT): install and start Docker, then run this again.\n',
  });
});
