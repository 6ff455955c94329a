import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { ProgramResult } from '../../src/processes/run-program';
import { root } from './compose-file';
import { findEngine } from './engine';

const answers: ProgramResult = { code: 0, stdout: '2.40.3\n', stderr: '' };
const isMissing: ProgramResult = { code: null, stdout: '', stderr: 'spawn docker ENOENT\nmore' };

/** A machine that has only the commands with these prefixes. */
const world = (commands: readonly string[]) => async (program: string, args: readonly string[]) =>
  commands.some((command) => `${program} ${args.join(' ')}`.startsWith(command)) ? answers : isMissing;

it('findEngine prefers docker compose to docker-compose', async () => {
  expect(await findEngine(world(['docker']))).toEqual({
    version: '2.40.3',
    compose: ['docker', 'compose'],
    composeVersion: '2.40.3',
  });
  expect((await findEngine(world(['docker version', 'docker-compose']))).compose).toEqual(['docker-compose']);
});

it('findEngine reports in one sentence what is missing', async () => {
  await expect(findEngine(world([]))).rejects.toThrow(
    'No container engine answers (spawn docker ENOENT): install and start Docker, then run this again.',
  );
  await expect(findEngine(world(['docker version']))).rejects.toThrow(
    'Docker answers, but has no compose: install its compose plugin, or docker-compose, then run this again.',
  );
});

it('npm run test:compose ends with 1 and that sentence when there is no engine', () => {
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
