import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import { searchAttributeTypes } from '../../src/domain/search-attributes';
import { connectClient } from '../../src/temporal/connection';
import { tempFolder } from '../payloads/temp-folder';
import { freePorts } from '../support/free-ports';
import { until } from '../support/until';
import { readComposeFile, root } from './compose-file';
import { type Ended, LocalServices, toLocal } from './local-services';

const file = readComposeFile();
const folder = tempFolder();
const example = JSON.parse(readFileSync(join(root, 'examples/issue-exported.json'), 'utf8')) as {
  issue: { id: string };
};

let ports: Readonly<Record<string, number>>;
let services: LocalServices;

beforeAll(async () => {
  const inFile = ['7233', '8233', '8080', '8090', '9464'];
  const free = await freePorts(inFile.length);
  ports = Object.fromEntries(inFile.map((port, index) => [port, free[index] ?? 0]));
  services = new LocalServices(file, { folder, ports });
  await services.up();
}, 120_000);

afterAll(() => services.down(), 60_000);

it('The services export the example, and keep everything after a restart', async () => {
  const sent = await services.exec('gateway', ['requeue', 'send', 'examples/issue-exported.json']);
  expect(sent).toMatchObject({ code: 0, output: expect.stringMatching(/^202 accepted: /) });
  const gateway = file.services['gateway']?.environment ?? {};
  expect(sent.output).toContain(toLocal(gateway['TEMPORAL_UI_URL'] ?? '', { folder, ports }));
  const { reported, ledger, progress } = await until('the report of the example', async () => {
    const [found] = await reports();
    const { stage } = (await readProgress(example.issue.id)) as { stage?: string };
    return (
      found &&
      stage === 'completed-with-problems' && {
        reported: found,
        ledger: await ledgerNow(),
        progress: await readProgress(example.issue.id),
      }
    );
  });
  expect(reported).toMatchObject({
    issueId: example.issue.id,
    outcome: 'completed-with-problems',
    counts: { planned: 5, relabeled: 5 },
  });
  expect(ledger.flatMap(({ applied }) => applied)).toEqual(reported.labels.map(({ labelId }) => labelId));

  expect(exitCodes(await services.down())).toEqual(
    Object.fromEntries(Object.keys(file.services).map((name) => [name, 0])), // null is the code of a service that had to be killed
  );
  await services.up();

  expect(await ledgerNow()).toEqual(ledger);
  expect(await reports()).toEqual([reported]);
  expect(await readProgress(example.issue.id)).toEqual(progress);
  await services.exec('gateway', [
    'requeue',
    'send',
    'examples/issue-exported.json',
    '--issue',
    'after-the-restart',
  ]);
  await until('the report of another issue', async () =>
    (await reports()).some(({ issueId }) => issueId === 'after-the-restart'),
  );
}, 120_000);

it('Temporal’s namespace has a retention of 30 days and every search attribute', async () => {
  const { connection, namespace } = connectClient({ address: `127.0.0.1:${ports['7233']}`, env: {} });
  try {
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 60 * 60);
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    expect(Object.keys(customAttributes ?? {}).sort()).toEqual(Object.keys(searchAttributeTypes).sort());
  } finally {
    await connection.close();
  }
});

it('The gateway accepts the operator token of the file, and no other token', async () => {
  expect(await requestStatus('another token’s')).toBe(401);
  expect(await requestStatus(operatorToken())).toBe(200);
});

it('The health check reports a part that does not run as unhealthy', async () => {
  const unused = `http://127.0.0.1:${(await freePorts(1))[0]}/readyz`;
  const { code, output } = await services.exec('gateway', ['node', 'scripts/healthy.js', unused]);
  expect({ code, output }).toEqual({ code: 1, output: `${unused}: ECONNREFUSED\n` });
});

interface Report {
  readonly issueId: string;
  readonly labels: readonly { readonly labelId: string }[];
}

/** All reports in the volume. */
async function reports(): Promise<Report[]> {
  const paths = await readdir(join(folder, 'exports'), { recursive: true });
  const found = paths
    .filter((path) => path.endsWith('report.json'))
    .map((path) => readFile(join(folder, 'exports', path), 'utf8'));
  return (await Promise.all(found)).map((text) => JSON.parse(text) as Report);
}

async function ledgerNow(): Promise<{ readonly applied: readonly string[] }[]> {
  const response = await request(`http://127.0.0.1:${ports['8090']}/ledger`);
  return (await response.body.json()) as { applied: string[] }[];
}

/** The parts of the gateway's answer that come from Temporal and the worker. */
async function readProgress(issueId: string): Promise<unknown> {
  const response = await ask(issueId, operatorToken());
  const { stage, revision, attempt, labels, leftOut } = (await response.body.json()) as Record<
    string,
    unknown
  >;
  return { status: response.statusCode, stage, revision, attempt, labels, leftOut };
}

async function requestStatus(token: string): Promise<number> {
  const { statusCode, body } = await ask(example.issue.id, encodeURIComponent(token));
  await body.dump();
  return statusCode;
}

function ask(issueId: string, token: string) {
  return request(`http://127.0.0.1:${ports['8080']}/api/exports/${issueId}`, {
    headers: { authorization: `Bearer ${token}` },
  });
}

function operatorToken(): string {
  return file.services['gateway']?.environment?.['OPERATOR_TOKENS']?.split(':')[1] ?? '';
}

function exitCodes(ended: Readonly<Record<string, Ended>>): Record<string, number | null> {
  return Object.fromEntries(Object.entries(ended).map(([name, { code }]) => [name, code]));
}
