import { requeue } from './run-requeue';

const commands = ['plan', 'list', 'show', 'approve', 'reject', 'pause', 'resume', 'cancel', 'report', 'find'];

it('The help lists the commands of operators', async () => {
  const { code, stdout } = await requeue(['--help']);
  expect(code).toBe(0);
  for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
});

it.each(commands)('The help of %s shows an example and the variables', async (command) => {
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
])('Wrong usage ends with 2 and a sentence: %j', async (args) => {
  const { code, stdout, stderr } = await requeue(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.trim()).not.toBe('');
  expect(stderr).not.toMatch(/\n\s+at /);
});
