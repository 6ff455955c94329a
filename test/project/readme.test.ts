import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { request } from 'undici';
import { tempFolder } from '../payloads/temp-folder';
import { freePorts } from '../support/free-ports';
import { until } from '../support/until';

const root = resolve(__dirname, '../..');
const { bin, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  bin: { requeue: string };
  scripts: { dev: string };
};
/** The blocks of README's "Try it", in order: a command, what it prints, the next command, what that prints. */
const [start, started, send, sent] = findCodeBlocks(
  /## Try it\n(.*?)\n## /s.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1] ?? '',
);
let dev: Running;

// Before the folder's own: hooks run in the order of their definition, and nothing may write into a folder that is removed.
afterAll(async () => {
  dev.child.kill('SIGTERM');
  await dev.ended;
});

const store = join(tempFolder(), '.requeue');
/** README's ports, each with the variable that moves it. */
const ports = { PORT: '8080', SANDBOX_PORT: '8090', TEMPORAL_PORT: '7233', TEMPORAL_UI_PORT: '8233' };

let env: Record<string, string>;

beforeAll(async () => {
  const free = await freePorts(Object.keys(ports).length);
  env = { REQUEUE_STORE: store, METRICS_PORT: '0', TEMPORAL_CLI: process.env['TEMPORAL_CLI'] ?? '' };
  for (const [index, name] of Object.keys(ports).entries()) env[name] = String(free[index]);
  dev = run(['dev']);
  await until(
    'dev to say what to do next',
    () => dev.output().includes('Ctrl-C') || dev.child.exitCode !== null,
  );
});

it('README’s first command is the one that the test runs', () => {
  expect(start).toBe('npm ci && npm run dev');
  expect(scripts.dev).toContain(`node ${bin.requeue} dev`);
});

it('npm run dev prints what README shows', () => {
  expect(shown(dev.output().trim())).toBe(started);
});

it('The second command prints what README shows, and the labels go back to labeling', async () => {
  const [npx, name, ...args] = (send ?? '').split(' ');
  expect([npx, name]).toEqual(['npx', 'requeue']);
  const sending = run(args);
  expect({ code: await sending.ended, printed: shown(sending.output().trim()) }).toEqual({
    code: 0,
    printed: sent,
  });
  const url = `http://127.0.0.1:${env['SANDBOX_PORT']}/ledger`;
  const applied = await until('five labels in the sandbox’s ledger', async () => {
    const ledger = (await (await request(url)).body.json()) as { applied: string[] }[];
    return ledger.length > 0 && ledger.flatMap((entry) => entry.applied);
  });
  expect(applied).toHaveLength(5);
});

it('Every address that README’s output shows answers', async () => {
  for (const [address] of (dev.output() + (sent ?? '')).matchAll(/http:\/\/127\.0\.0\.1:\d+[^\s);]*/g)) {
    const { statusCode, body } = await request(
      moved(address),
      address.endsWith('/webhook') ? { method: 'POST' } : {},
    );
    await body.dump();
    expect({ address, statusCode }).toEqual({
      address,
      statusCode: address.endsWith('/webhook') ? expect.any(Number) : address.endsWith('/') ? 303 : 200,
    }); // the page asks to sign in
  }
});

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output(): string;
}

/** The package's program, as `npm run` and `npx` start it, in the checkout. */
function run(args: readonly string[]): Running {
  const child = spawn(process.execPath, [join(root, bin.requeue), ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'], ...env },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, ended: new Promise((done) => child.once('close', done)), output: () => text };
}

/** Output as README shows it: with the usual ports, its token and its folder. */
function shown(output: string): string {
  let text = output
    .replaceAll(store, '/home/you/requeue/.requeue')
    .replace(/(operator token +)\S+/, `$1${/operator token +(\S+)/.exec(started ?? '')?.[1]}`);
  for (const [name, usual] of Object.entries(ports))
    text = text.replaceAll(`127.0.0.1:${env[name]}`, `127.0.0.1:${usual}`);
  return text;
}

/** An address of README, with the ports of this run. */
function moved(address: string): string {
  const [name] = Object.entries(ports).find(([, usual]) => address.includes(`127.0.0.1:${usual}`)) ?? [];
  return name === undefined
    ? address
    : address.replace(`:${ports[name as keyof typeof ports]}`, `:${env[name]}`);
}

function findCodeBlocks(section: string): string[] {
  return [...section.matchAll(/^```\w*\n(.*?)\n```$/gms)].map(([, block]) => block ?? '');
}
