import { requeue } from './run-requeue';

const commands = ['plan', 'list', 'show', 'approve', 'reject', 'pause', 'resume', 'cancel', 'report', 'find'];

it('lists what people in charge type', async () => {
  const { code, stdout } = await requeue(['--help']);
  expect(code).toBe(0);
  for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
});

it.each(commands)('shows an example and the variables in the help of %s', async (command) => {
  const { code, stdout } = await requeue([command, '--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`Example:\\n  requeue ${command} .+\\n\\nVariables:\\n  [A-Z]`));
});

it.each([
  [['show']],
  [['list', '--stage', 'sleeping']],
  [['list', '--limit', 'many']],
  [['report', 'one', '--attempt', '0']],
  [['find', 'one', '--url', 'ftp://x', '--token', 't1']],
])('ends with 2 and a sentence on wrong usage: %j', async (args) => {
  const { code, stdout, stderr } = await requeue(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.trim()).not.toBe('');
  expect(stderr).not.toMatch(/\n\s+at /);
});
