import { requeue } from './run-requeue';

const commands = ['dev', 'gateway', 'worker', 'sandbox', 'send', 'replay'];

it('lists its commands', async () => {
  const { code, stdout } = await requeue(['--help']);
  expect(code).toBe(0);
  for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
});

it.each(commands)('shows an example in the help of %s', async (command) => {
  const { code, stdout } = await requeue([command, '--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`Example:\\n.*requeue ${command}`));
});

it.each([[['nonsense']], [['send']], [['send', 'a.json', '--nonsense']], [['send', 'a.json', '--repeat', '0']]])(
  'ends with 2 and a sentence on wrong usage: %j',
  async (args) => {
    const { code, stderr } = await requeue(args);
    expect(code).toBe(2);
    expect(stderr.trim()).not.toBe('');
    expect(stderr).not.toMatch(/\n\s+at /);
  },
);

it('ends with 1 and every fault when the configuration is wrong', async () => {
  const { code, stderr } = await requeue(['gateway'], { PORT: 'x' });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^The configuration has 2 faults:\n {2}- .*AQ_WEBHOOK_SECRET.*\n|^The configuration has 2 faults:\n {2}- PORT/);
  expect(stderr).not.toMatch(/\n\s+at /);
});
