import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { allStages } from '../../src/domain/stage';
import { variables } from '../../src/cli/variables';
import { tempFolder } from '../payloads/temp-folder';
import { requeue } from './run-requeue';

/** The store for commands that create one before they fail to start. */
const folder = tempFolder();

const commands = ['dev', 'gateway', 'worker', 'sandbox', 'send', 'replay', 'doctor', 'help'];

it('The help lists the commands that run parts', async () => {
  const { code, stdout } = await requeue(['--help']);
  expect(code).toBe(0);
  for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
});

it.each(commands)('The help of %s shows an example', async (command) => {
  const { code, stdout } = await requeue([command, '--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`Example:\\n.*requeue ${command}`));
});

it.each(['', 'send'])('The command help prints what --help prints: %s', async (command) => {
  const help = await requeue(['help', ...(command ? [command] : [])]);
  const { stdout } = await requeue([...(command ? [command] : []), '--help']);
  expect(help).toEqual({ code: 0, stdout, stderr: '' });
});

it('The help of a command explains the variables it reads, and the table of variables has all that README names', async () => {
  for (const command of ['send', 'doctor']) {
    const { stdout } = await requeue([command, '--help']);
    expect(stdout).toMatch(/\nVariables:\n(?: {2}[A-Z_*]+ +\S.*\n)+$/);
  }
  const readme = readFileSync(resolve(__dirname, '../../README.md'), 'utf8');
  const [, table = ''] = /## Configuration\n(.*?)\n\n[^|]*\n/s.exec(readme) ?? [];
  const named = [...table.matchAll(/`([A-Z_]{4,}\*?)`/g)].map(([, name]) => name ?? '');
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !(name in variables))).toEqual([]);
});

it.each(['--version', '-v'])('The option %s prints the version', async (option) => {
  const { version } = JSON.parse(readFileSync(resolve(__dirname, '../../package.json'), 'utf8')) as {
    version: string;
  };
  expect(await requeue([option])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

it.each([
  [['nonsense'], "Unknown command 'nonsense'; type: requeue help"],
  [['snd', 'a.json'], "Unknown command 'snd' (did you mean send?); type: requeue help"],
  [['help', 'nonsense'], "Unknown command 'nonsense'; type: requeue help"],
  [['--nonsense'], "Unknown option '--nonsense'; type: requeue help"],
  [['send'], "Missing required argument 'file'; type: requeue send --help"],
  [
    ['send', 'a.json', 'b.json'],
    "Too many arguments for 'send', expected 1 argument but got 2; type: requeue send --help",
  ],
  [
    ['send', 'a.json', '--isue', 'x'],
    "Unknown option '--isue' (did you mean --issue?); type: requeue send --help",
  ],
  [['send', 'a.json', '--url'], "Option '--url <address>' argument missing; type: requeue send --help"],
  [
    ['send', 'a.json', '--repeat', '0'],
    "Option '--repeat <times>' argument '0' is invalid, expected a whole number from 1; type: requeue send --help",
  ],
  [
    ['list', '--stage', 'sleeping'],
    `Option '--stage <stage>' argument 'sleeping' is invalid, allowed choices are ${allStages.join(', ')}; type: requeue list --help`,
  ],
  [['\u001b[2Jclear'], "Unknown command '\\u001b[2Jclear'; type: requeue help"],
])('Wrong usage ends with 2 and one sentence: %j', async (args, sentence) => {
  expect(await requeue(args)).toEqual({ code: 2, stdout: '', stderr: `${sentence}\n` });
});

it('requeue without a command prints its help and ends with 2', async () => {
  const { code, stdout, stderr } = await requeue([]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^Usage: requeue /);
});

it('A reader that closes the pipe early causes no failure', async () => {
  const child = spawn(process.execPath, [resolve(__dirname, '../../dist/cli/main.js'), '--help'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise((ended) => child.once('close', ended));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

it('A wrong configuration ends with 1 and lists every fault', async () => {
  const { code, stderr } = await requeue(['gateway'], { PORT: 'x' });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^The configuration has 2 errors:\n {2}- .*AQ_WEBHOOK_SECRET.*\n|^The configuration has 2 errors:\n {2}- PORT/,
  );
  expect(stderr).not.toMatch(/\n\s+at /);
});

it.each([
  [
    ['gateway'],
    { AQ_WEBHOOK_SECRET: 's', TEMPORAL_CONFIG_FILE: '/', HOST: '127.0.0.1', REQUEUE_STORE: folder },
    /^Temporal's connection settings \(TEMPORAL_\* variables and the profile file\) cannot be read: EISDIR.*\n$/,
  ],
  [
    ['sandbox', '--host', '192.0.2.1'],
    { SANDBOX_PORT: '0', REQUEUE_STORE: folder },
    /^192\.0\.2\.1 is not an address of this machine \(EADDRNOTAVAIL\): choose another address to listen on\.\n$/,
  ],
  [
    ['dev'],
    { REQUEUE_STORE: '/dev/null/store' },
    /^\/dev\/null\/store cannot be used \(ENOTDIR, mkdir\)\.\n$/,
  ],
])(
  'A command that cannot start ends with 1 and one line, without a stack: %j',
  async (args, env, sentence) => {
    const { code, stderr } = await requeue(args, env);
    expect(code).toBe(1);
    expect(stderr).toMatch(sentence);
  },
);
