import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { runProgram } from '../../src/processes/run-program';
import { freePorts } from '../support/free-ports';
import { until } from '../support/until';
import { findHealthCommand, readComposeFile, root } from './compose-file';
import { findEngine } from './engine';

/**
 * `npm run test:compose` runs docker-compose.yml with a container engine. It builds the image, starts
 * everything under a project name, a tag and ports of its own, sends the example, stops, starts again, and
 * leaves only the image behind. Exits with 1 and one sentence when there is no engine.
 */
async function main(): Promise<void> {
  const engine = await findEngine();
  printLine(`With Docker ${engine.version} and ${engine.compose.join(' ')} ${engine.composeVersion}:`);
  const deployment = await prepare(engine.compose);
  try {
    await checkAll(deployment);
  } catch (error) {
    printLine((await deployment.compose(['logs', '--no-color', '--tail=40']).catch(() => '')) || '(no logs)');
    throw error;
  } finally {
    await deployment.compose(['down', '-v', '--remove-orphans']);
  }
  printLine('Every check passed.');
}

async function checkAll(deployment: Deployment): Promise<void> {
  await step('compose builds the image', async () => {
    await deployment.compose(['build']);
    return `${Math.round(Number(await docker(['image', 'inspect', '--format', '{{.Size}}', image])) / 1e6)} MB`;
  });
  await step('every part is healthy', () => deployment.up());
  await step('every part runs as user 1000, and Requeue’s parts under tini', () =>
    deployment.checkProcesses(),
  );
  const before = await step('the gateway accepts the example with the development secret', async () => {
    const sent = await deployment.compose([
      'exec',
      '-T',
      'gateway',
      'requeue',
      'send',
      'examples/issue-exported.json',
    ]);
    assert.match(sent, /^202 accepted: /);
    assert.ok(
      sent.includes(deployment.temporalUi),
      `expected a link to ${deployment.temporalUi} in: ${sent}`,
    );
    return until('the report of the example', () => deployment.readState(), 60_000, 250);
  });
  await step('the ledger has the labels of the report', async () => {
    assert.equal(before.report.outcome, 'completed-with-problems');
    const reported = before.report.labels.map(({ labelId }) => labelId);
    assert.deepEqual([before.ledger.flatMap(({ applied }) => applied), reported.length], [reported, 5]);
  });
  await step('SIGTERM stops every part', async () => {
    await deployment.compose(['stop']);
    const codes = await deployment.inspect('{{.State.ExitCode}}');
    assert.deepEqual(codes, Object.fromEntries(Object.keys(codes).map((name) => [name, '0'])));
  });
  await step('compose takes everything down and up again', async () => {
    await deployment.compose(['down']);
    return deployment.up();
  });
  await step('ledger, report and export are the same as before', async () => {
    assert.deepEqual(await until('the state from before', () => deployment.readState(), 60_000, 250), before);
  });
  await step('down -v deletes the volume', async () => {
    await deployment.compose(['down', '-v']);
    assert.equal(await docker(['volume', 'ls', '-q', '--filter', `name=${deployment.project}`]), '');
  });
}

const image = 'requeue:test';
const file = readComposeFile();

interface Report {
  readonly outcome: string;
  readonly labels: readonly { readonly labelId: string }[];
}

interface State {
  readonly report: Report;
  readonly ledger: readonly { readonly applied: readonly string[] }[];
  /** The gateway's answer about the export, which comes from Temporal and the worker. */
  readonly progress: unknown;
}

interface Deployment {
  readonly project: string;
  readonly temporalUi: string;
  /** @returns the output of a compose command. @throws {Error} with the command's message. */
  compose(args: readonly string[]): Promise<string>;
  /** Resolves when every service has started and every health check has passed. */
  up(): Promise<void>;
  /** @returns one value of each service's container. */
  inspect(format: string): Promise<Record<string, string>>;
  checkProcesses(): Promise<void>;
  /** @returns undefined while the example has no report. */
  readState(): Promise<State | undefined>;
}

async function prepare([program, ...words]: readonly [string, ...string[]]): Promise<Deployment> {
  const [port, sandboxPort, temporalPort, uiPort] = await freePorts(4);
  const project = `requeue-test-${process.pid}`;
  const gateway = `http://127.0.0.1:${port}`;
  const temporalUi = `http://127.0.0.1:${uiPort}`;
  Object.assign(process.env, {
    REQUEUE_IMAGE: image,
    PORT: String(port),
    SANDBOX_PORT: String(sandboxPort),
    TEMPORAL_PORT: String(temporalPort),
    TEMPORAL_UI_PORT: String(uiPort),
    PUBLIC_URL: gateway,
    TEMPORAL_UI_URL: temporalUi,
    ...Object.fromEntries(
      ['AQ_WEBHOOK_SECRET', 'OPERATOR_TOKENS', 'LABELING_API_KEY', 'LABELING_API_ENDPOINT'].map((name) => [
        name,
        '',
      ]),
    ),
  });
  const compose = (args: readonly string[]) =>
    run(program, [...words, '--project-name', project, '--file', join(root, 'docker-compose.yml'), ...args]);
  const inspect = async (format: string): Promise<Record<string, string>> => {
    const label = '{{index .Config.Labels "com.docker.compose.service"}}';
    const ids = await docker([
      'ps',
      '--all',
      '--quiet',
      '--filter',
      `label=com.docker.compose.project=${project}`,
    ]);
    const lines = await docker(['inspect', '--format', `${label} ${format}`, ...ids.split('\n')]);
    return Object.fromEntries(lines.split('\n').map((line) => line.split(' ') as [string, string]));
  };
  return { project, temporalUi, compose, inspect, up, checkProcesses, readState };

  async function up(): Promise<void> {
    await compose(['up', '-d']);
    const checked = Object.keys(file.services).filter((name) =>
      findHealthCommand(file.services[name] as never),
    );
    await until(
      `the health of ${checked.join(', ')}`,
      async () => {
        const health = await inspect('{{if .State.Health}}{{.State.Health.Status}}{{end}}');
        const missing = checked.filter((name) => health[name] !== 'healthy');
        if (missing.length > 0)
          throw new Error(missing.map((name) => `${name} is ${health[name]}`).join(', '));
        return true;
      },
      120_000,
      250,
    );
  }

  async function checkProcesses(): Promise<void> {
    for (const name of ['sandbox', 'gateway', 'worker'])
      assert.deepEqual(
        (await compose(['exec', '-T', name, 'sh', '-c', 'id -u; cat /proc/1/comm'])).split('\n'),
        ['1000', 'tini'],
        name,
      );
    assert.equal((await inspect('{{.Config.User}}'))['temporal'], '1000:1000');
  }

  async function readState(): Promise<State | undefined> {
    const find = ['find', '/var/lib/requeue/exports', '-name', 'report.json', '-exec', 'cat', '{}', ';'];
    const text = await compose(['exec', '-T', 'gateway', ...find]);
    if (text === '') return undefined;
    const ledger = (await json(`http://127.0.0.1:${sandboxPort}/ledger`)) as State['ledger'];
    const token = file.services['gateway']?.environment?.['OPERATOR_TOKENS']?.split(':')[1];
    const progress = await json(`${gateway}/api/exports/${exampleIssue()}`, {
      authorization: `Bearer ${token}`,
    });
    return { report: JSON.parse(text) as Report, ledger, progress };
  }
}

function exampleIssue(): string {
  const example = JSON.parse(readFileSync(join(root, 'examples/issue-exported.json'), 'utf8')) as {
    issue: { id: string };
  };
  return encodeURIComponent(example.issue.id);
}

async function json(url: string, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await request(url, { headers });
  assert.equal(response.statusCode, 200, `${url} answered ${response.statusCode}`);
  return response.body.json();
}

/** Runs one step and prints its duration, and its result when that is a string. */
async function step<T>(title: string, action: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await action().catch((error: unknown) => {
    throw new Error(`Failed: ${title}. ${error instanceof Error ? error.message : String(error)}`);
  });
  printLine(
    `  ${title}: ${typeof result === 'string' ? `${result}, ` : ''}${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
  );
  return result;
}

function docker(args: readonly string[]): Promise<string> {
  return run('docker', args);
}

/** A build without a cache takes minutes on a slow line. */
const commandTimeoutMs = 20 * 60 * 1000;

async function run(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram(program, args, commandTimeoutMs);
  if (code === 0) return stdout.trim();
  throw new Error(
    `${program} ${args.join(' ')} ended with ${code}: ${(stderr || stdout).trim().slice(-2000)}`,
  );
}

function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
