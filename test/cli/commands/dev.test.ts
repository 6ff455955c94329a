import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join, resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { request } from 'undici';
import { processInfo } from '../../../src/processes/process-info';
import { tempFolder } from '../../payloads/temp-folder';
import { freePorts } from '../../support/free-ports';
import { until } from '../../support/until';
import { requeue } from '../run-requeue';

const store = join(tempFolder(), 'store');
const example = resolve(__dirname, '../../../examples/issue-exported.json');
const issueId = (JSON.parse(readFileSync(example, 'utf8')) as { issue: { id: string } }).issue.id;
const names = ['PORT', 'SANDBOX_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'METRICS_PORT'] as const;

type Env = Record<(typeof names)[number] | 'REQUEUE_STORE' | 'TEMPORAL_CLI', string>;

interface Dev {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly output: { out: string; err: string };
  /** The Temporal server's. */
  readonly temporalPid: number;
}

let env: Env;
/** Processes that would keep running after a failed test. */
const started: ChildProcess[] = [];

beforeAll(async () => {
  const ports = await freePorts(names.length);
  const numbers = Object.fromEntries(names.map((name, at) => [name, String(ports[at])])) as Record<
    (typeof names)[number],
    string
  >;
  env = { ...numbers, REQUEUE_STORE: store, TEMPORAL_CLI: process.env['TEMPORAL_CLI'] ?? '' };
});

afterEach(async () => {
  for (const dev of started.splice(0)) await stopped(dev);
});

it('dev prints every address, carries out an export, and Ctrl-C stops everything', async () => {
  const dev = await startDev();
  for (const text of [
    `POST http://127.0.0.1:${env.PORT}/webhook`,
    `http://127.0.0.1:${env.SANDBOX_PORT}/ledger`,
    `127.0.0.1:${env.TEMPORAL_PORT}, Web UI http://127.0.0.1:${env.TEMPORAL_UI_PORT}`,
    store,
    'npx requeue send examples/issue-exported.json',
    readFileSync(join(store, 'operator-token'), 'utf8').trim(),
  ])
    expect(dev.output.out).toContain(text);
  const sent = await requeue(['send', example], env);
  expect(sent).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`202 accepted: issue ${issueId}`) as string,
  });
  await until('five labels in the ledger', async () => (await applied()).length === 5);
  await until('the report', () => readdirSync(join(store, 'inbox')).length === 0);
  await interrupt(dev);
});

it('dev continues where it stopped, and ends with one sentence when its Temporal server dies', async () => {
  const dev = await startDev();
  expect(await applied()).toHaveLength(5);
  // the stop may have interrupted the workflow's last task
  await until('the earlier workflow to end', async () => (await workflowStatus()) === 'COMPLETED');
  process.kill(dev.temporalPid, 'SIGKILL');
  expect(await dev.ended).toBe(1);
  expect(lastLine(dev.output.err)).toMatch(
    /^The Temporal server exited \(SIGKILL\); its log is \S+server\.log\.$/,
  );
  await nothingLives(dev);
});

it('dev --fresh deletes what was stored, and starts the sandbox also for a configuration without destinations', async () => {
  const file = join(store, '..', 'routes.yaml');
  writeFileSync(file, "routes: [{ project: '*', destination: labelbox, approval: { above: 5000 } }]\n");
  const dev = await startDev(['--fresh'], { REQUEUE_CONFIG: file });
  expect(await applied()).toEqual([]);
  expect(existsSync(join(store, 'deliveries'))).toBe(false);
  await expect(workflowStatus()).rejects.toThrow(/not found/);
  await interrupt(dev);
});

it.each(['TEMPORAL_PORT', 'TEMPORAL_UI_PORT'] as const)(
  'dev ends with one sentence when %s is in use',
  async (name) => {
    const taken = await listen(Number(env[name]));
    const { code, stderr } = await requeue(['dev'], env);
    await new Promise((closed) => taken.close(closed));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `Port ${env[name]} is in use: stop the program that listens on it, or set ${name} to another port.\n`,
    });
  },
);

it('dev ends with one sentence when TEMPORAL_CLI names no program', async () => {
  const { code, stderr } = await requeue(['dev'], { ...env, TEMPORAL_CLI: join(store, 'none') });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `TEMPORAL_CLI is set to ${join(store, 'none')}, which is not an executable program. Correct it, or unset it.\n`,
  });
});

async function startDev(
  options: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): Promise<Dev> {
  const main = resolve(__dirname, '../../../dist/cli/main.js');
  const child = spawn(process.execPath, [main, 'dev', ...options], {
    env: { PATH: process.env['PATH'], ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.err += chunk.toString()));
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const ready = until(
    'requeue dev to be ready',
    () => output.out.includes('Ctrl-C stops everything.'),
    50_000,
  );
  const tooEarly = ended.then((code) =>
    Promise.reject(new Error(`requeue dev ended with ${code} before it was ready: ${output.err}`)),
  );
  await Promise.race([ready, tooEarly]);
  tooEarly.catch(() => undefined);
  return {
    child,
    ended,
    output,
    temporalPid: Number.parseInt(readFileSync(join(store, 'temporal', 'server.pid'), 'utf8'), 10),
  };
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await ended;
}

async function interrupt(dev: Dev): Promise<void> {
  dev.child.kill('SIGINT');
  expect({ code: await dev.ended, err: dev.output.err }).toEqual({ code: 0, err: '' });
  await nothingLives(dev);
}

async function nothingLives(dev: Dev): Promise<void> {
  expect(dev.temporalPid).toBeGreaterThan(1);
  await until(
    'the Temporal server to be gone',
    async () => (await processInfo(dev.temporalPid)) === undefined,
  );
  expect(await processInfo(dev.child.pid ?? 0)).toBeUndefined();
}

async function applied(): Promise<string[]> {
  const { body } = await request(`http://127.0.0.1:${env.SANDBOX_PORT}/ledger`);
  return ((await body.json()) as { applied: string[] }[]).flatMap((entry) => entry.applied);
}

async function workflowStatus(): Promise<string> {
  const connection = await Connection.connect({ address: `127.0.0.1:${env.TEMPORAL_PORT}` });
  try {
    return (await new Client({ connection }).workflow.getHandle(`export-issue-${issueId}`).describe()).status
      .name;
  } finally {
    await connection.close();
  }
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1);
}

async function listen(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  return server;
}
