import { spawnSync } from 'node:child_process';
import { commandAbout, shellCommand } from '../../../src/cli/output/shell-command';
import { acceptedIds, unprintable } from '../../support/hostile-names';

it('A command has every accepted issue id as one word of a shell', () => {
  const commands = acceptedIds.map((id) => commandAbout(id, 'approve', ['--revision', '0123456789ab']));
  const script = `requeue() { printf '%s\\0' "$#" "$@"; }\n${commands.join('\n')}\n`;
  const { stdout, stderr } = spawnSync('sh', ['-s'], { input: script });
  expect(stderr.toString()).toBe('');
  const words = acceptedIds.flatMap((id) =>
    id.startsWith('-')
      ? ['5', 'approve', '--revision', '0123456789ab', '--', id]
      : ['4', 'approve', id, '--revision', '0123456789ab'],
  );
  expect(stdout.toString('utf8').split('\0').slice(0, -1)).toEqual(words);
  for (const command of commands) expect(command).not.toMatch(unprintable);
});

it('A command quotes only the words that need it', () => {
  expect(shellCommand(['requeue', 'list', '--stage', 'awaiting-approval', '--project', 'my roads'])).toBe(
    "requeue list --stage awaiting-approval --project 'my roads'",
  );
});
