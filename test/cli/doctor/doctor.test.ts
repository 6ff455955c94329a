import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { checkStore } from '../../../src/cli/doctor/check-store';
import { examine } from '../../../src/cli/doctor/examine';
import type { Finding } from '../../../src/cli/doctor/finding';
import { isWell } from '../../../src/cli/doctor/is-well';
import { renderJson } from '../../../src/cli/doctor/render-json';
import { renderReport } from '../../../src/cli/doctor/render-report';
import { findSubject } from '../../../src/cli/doctor/subject';
import { createFolderStore } from '../../../src/payloads/folder/folder-store';
import { putInboxEntry, updateDispatchState } from '../../../src/payloads/inbox-entry';
import { tempName } from '../../../src/payloads/folder/temp-name';
import { tempFolder } from '../../payloads/temp-folder';
import { aRequest } from '../../support/requests';
import { Stack } from '../../support/harness/stack';
import { until } from '../../support/until';
import { requeue, startFakeGateway } from '../run-requeue';

const secret = 'kJ8-webhook-secret-of-tests';
const token = 'kJ8-operator-token-of-tests';
const folder = tempFolder();
/** Characters that move a cursor, set a title, or change the direction of text. */
const controlling = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

let stack: Stack;

beforeAll(async () => {
  stack = await Stack.create({
    AQ_WEBHOOK_SECRET: secret,
    OPERATOR_TOKENS: `ann:${token}`,
    METRICS_PORT: '0',
  });
  await stack.startTemporal();
  await stack.startSandbox();
  await stack.startGateway();
});

afterAll(() => stack.stop());

/** The variables of an operator who started `dev` on these ports. */
function devEnv(): Record<string, string> {
  const { gateway, sandbox, temporal } = stack.config;
  return {
    REQUEUE_STORE: stack.folder,
    PORT: String(gateway.port),
    SANDBOX_PORT: String(sandbox.port),
    TEMPORAL_PORT: String(temporal.port),
    AQ_WEBHOOK_SECRET: secret,
    OPERATOR_TOKENS: `ann:${token}`,
  };
}

/** The same components, configured as in production: each has an address, and no gateway uses the store. */
function productionEnv(change: Record<string, string> = {}): Record<string, string> {
  return {
    REQUEUE_STORE: newStore(),
    PUBLIC_URL: `http://127.0.0.1:${stack.config.gateway.port}`,
    TEMPORAL_ADDRESS: stack.target.address,
    AQ_WEBHOOK_SECRET: secret,
    OPERATOR_TOKENS: `ann:${token}`,
    LABELING_API_ENDPOINT: `${stack.sandbox.url}/graphql`,
    LABELING_API_KEY: stack.config.sandbox.key,
    ...change,
  };
}

function newStore(): string {
  return mkdtempSync(join(folder, 'store-'));
}

/** The findings that are not `well`, formatted as `state part: sentence`. */
async function findFaults(env: Record<string, string>): Promise<string[]> {
  return (await examine(env)).findings
    .filter(({ state }) => state !== 'well')
    .map(({ state, part, says }) => `${state} ${part}: ${says}`);
}

async function findFindings(env: Record<string, string>, part: string): Promise<Finding[]> {
  return (await examine(env)).findings.filter((finding) => finding.part === part);
}

describe('Without a worker', () => {
  it('doctor reports the task queues that no worker polls', async () => {
    expect(await findFaults(devEnv())).toEqual([
      'wrong queue requeue: No worker polls it.',
      'wrong queue labeling-labelbox: No worker polls it.',
    ]);
  });
});

describe('With every component', () => {
  beforeAll(async () => {
    await stack.startWorker();
    await until('the worker to poll', async () => isWell(await examine(devEnv())));
  });

  it('doctor reports in dev that all checks passed, in plain lines, and ends with 0', async () => {
    const { code, stdout, stderr } = await requeue(['doctor'], devEnv());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^well: Temporal: Server \d+\.\d+\.\d+ answers at 127\.0\.0\.1:\d+, namespace default\.$/m,
    );
    expect(stdout).toMatch(/\nAll checks passed\.\n$/);
    expect(stdout).not.toMatch(controlling);
  });

  it('doctor reports the same for an environment that names every component, as JSON, and shows no secret', async () => {
    const { code, stdout } = await requeue(['doctor', '--json'], productionEnv());
    expect(code).toBe(0);
    const { ok, mode, findings } = JSON.parse(stdout) as { ok: boolean; mode: string; findings: Finding[] };
    expect({ ok, mode }).toEqual({ ok: true, mode: 'production' });
    expect(findings.map(({ part }) => part)).toEqual([
      'store',
      'disk space',
      'Temporal',
      'search attributes',
      'queue requeue',
      'queue labeling-labelbox',
      'destination labelbox',
      'webhook secret',
      'operator tokens',
      'gateway',
      'gateway clock',
      'inbox',
    ]);
    for (const hidden of [secret, token, stack.config.sandbox.key]) expect(stdout).not.toContain(hidden);
  });

  it('doctor reports the destination whose task queue no worker polls', async () => {
    const file = join(folder, 'config.yaml');
    const destination = (name: string) => ({
      name,
      adapter: 'labelbox',
      address: `${stack.sandbox.url}/graphql`,
      key: '${LABELING_API_KEY}',
    });
    const routes = [{ project: '*', destination: 'other' }];
    writeFileSync(
      file,
      JSON.stringify({ destinations: [destination('labelbox'), destination('other')], routes }),
    );
    expect(await findFaults(productionEnv({ REQUEUE_CONFIG: file }))).toEqual([
      'wrong queue labeling-other: No worker polls it.',
    ]);
  });

  it('doctor reports a mutation whose answer cannot confirm labels', async () => {
    const file = join(folder, 'mutation.yaml');
    const labelbox = {
      name: 'labelbox',
      adapter: 'labelbox',
      address: `${stack.sandbox.url}/graphql`,
      key: '${LABELING_API_KEY}',
      mutation:
        'mutation($projectId: ID!, $labelIds: [ID!]) { archive(p: $projectId, ids: $labelIds) { id } }',
    };
    writeFileSync(file, JSON.stringify({ destinations: [labelbox] }));
    expect(await findFaults(productionEnv({ REQUEUE_CONFIG: file }))).toEqual([
      expect.stringMatching(
        /^wrong destination labelbox: The answer to the configured mutation cannot confirm any label, /,
      ),
    ]);
  });

  it('doctor tells a missing namespace from missing search attributes, and prints the commands', async () => {
    const { workflowService, operatorService } = stack.client()
      .connection as import('@temporalio/client').Connection;
    const env = productionEnv({ TEMPORAL_NAMESPACE: 'bare' });
    expect(await findFaults(env)).toEqual([
      `wrong Temporal: The Temporal server at ${stack.target.address} has no namespace bare.`,
      expect.stringMatching(
        /^unchecked search attributes: The check could not run: Temporal refuses the call \(.+\)\.$/,
      ),
      expect.stringMatching(
        /^unchecked task queues: The check could not run: Temporal refuses the call \(.+\)\.$/,
      ),
      expect.stringMatching(
        /^unchecked pauses in Temporal: The check could not run: Temporal refuses the call \(.+\)\.$/,
      ),
    ]);
    await workflowService.registerNamespace({
      namespace: 'bare',
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    await until('the new namespace', () =>
      operatorService.addSearchAttributes({ namespace: 'bare', searchAttributes: { ExportStage: 1 } }),
    );
    const attributes = await until('its attributes', async () => {
      const findings = await findFindings(env, 'search attributes');
      return findings.some(({ says }) => says.includes('got Text')) && findings;
    });
    expect(attributes).toHaveLength(7);
    const flags = `--address ${stack.target.address} --namespace bare`;
    const create = (name: string) =>
      `temporal operator search-attribute create --name ${name} --type Keyword ${flags}`;
    expect(attributes).toContainEqual({
      part: 'search attributes',
      state: 'wrong',
      says: 'AquariumIssueId is not registered, so workflows fail.',
      todo: create('AquariumIssueId'),
    });
    expect(attributes).toContainEqual({
      part: 'search attributes',
      state: 'wrong',
      says: 'ExportStage has the wrong type: expected Keyword, got Text.',
      todo: `temporal operator search-attribute remove --name ExportStage ${flags} && ${create('ExportStage')}`,
    });
  });

  it('doctor reports that Temporal, gateway and labeling service do not answer', async () => {
    const closed = 'http://127.0.0.1:1';
    const env = productionEnv({
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      PUBLIC_URL: closed,
      LABELING_API_ENDPOINT: closed,
    });
    expect(await findFaults(env)).toEqual([
      'wrong Temporal: No Temporal server answers at 127.0.0.1:1 (ECONNREFUSED); accepted deliveries wait in the store.',
      'unchecked search attributes: The check could not run: Temporal does not answer.',
      'unchecked task queues: The check could not run: Temporal does not answer.',
      'unchecked pauses in Temporal: The check could not run: Temporal does not answer.',
      `wrong destination labelbox: ${closed}/: The labeling service could not be reached (ECONNREFUSED); nothing was sent.`,
      `wrong gateway: No gateway answers at ${closed} (ECONNREFUSED).`,
    ]);
  });

  it('doctor stops waiting for a server that accepts a connection and never answers', async () => {
    const silent = await startSilent();
    const url = `http://127.0.0.1:${silent.port}`;
    const env = productionEnv({
      TEMPORAL_ADDRESS: `127.0.0.1:${silent.port}`,
      PUBLIC_URL: url,
      LABELING_API_ENDPOINT: url,
    });
    const { code, stdout, stderr } = await requeue(['doctor'], env);
    await silent.close();
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain(
      `wrong: Temporal: No Temporal server answers at 127.0.0.1:${silent.port} (no answer within 4 s); accepted deliveries wait in the store.`,
    );
    expect(stdout).toContain('unchecked: task queues: The check could not run: Temporal does not answer.');
    expect(stdout).toContain(
      `wrong: destination labelbox: ${url}/: The labeling service accepted a query but did not answer it (timeout).`,
    );
    expect(stdout).toContain(`wrong: gateway: No gateway answers at ${url} (no answer within 4 s).`);
    expect(stdout).toMatch(/\n3 problems, 3 checks could not run\.\n$/);
  });

  it('doctor reports that the labeling service refuses the key, and checks nothing when no key is set', async () => {
    expect(await findFaults(productionEnv({ LABELING_API_KEY: 'another' }))).toEqual([
      expect.stringMatching(
        /^wrong destination labelbox: .*\/graphql: The labeling service does not accept the API key \(HTTP 401.*\)\.$/,
      ),
    ]);
    expect(await findFaults(productionEnv({ LABELING_API_KEY: '', LABELING_API_ENDPOINT: '' }))).toEqual([
      'unchecked destination labelbox: Its address and key are not set in this environment.',
    ]);
  });

  it('doctor reports which secret is missing or weak, and shows none', async () => {
    expect(await findFaults(productionEnv({ AQ_WEBHOOK_SECRET: '', OPERATOR_TOKENS: '' }))).toEqual([
      'wrong webhook secret: AQ_WEBHOOK_SECRET is not set in this environment; a gateway does not start without it.',
      'wrong operator tokens: OPERATOR_TOKENS is not set in this environment: no operator can approve or replay through the gateway.',
    ]);
    const weak = productionEnv({
      AQ_WEBHOOK_SECRET: `${secret},hunter2`,
      OPERATOR_TOKENS: `ann:${token},bob:aaaaaaaaaaaaaaaaaaaaaaaa`,
    });
    expect(await findFaults(weak)).toEqual([
      'wrong webhook secret: Secret 2 of AQ_WEBHOOK_SECRET is weak: expected at least 16 characters, at least 6 of them different.',
      'wrong operator tokens: The token of bob is weak: expected at least 16 characters, at least 6 of them different.',
    ]);
    expect(renderJson(await examine(weak))).not.toMatch(/hunter2|aaaaaa/);
  });

  it('doctor tells a gateway that refuses deliveries from a server that is not a gateway', async () => {
    expect(await findFaults(productionEnv({ PUBLIC_URL: stack.sandbox.url }))).toEqual([
      `wrong gateway: The server at ${stack.sandbox.url} is not a Requeue gateway (HTTP 404).`,
    ]);
    const full = await startFakeGateway(503, {
      status: 'not-ready',
      store: 'ENOSPC',
      temporal: { reachable: true },
    });
    expect(await findFaults(productionEnv({ PUBLIC_URL: full.url }))).toEqual([
      `wrong gateway: ${full.url} refuses deliveries because of its store (ENOSPC).`,
    ]);
    await full.close();
    const alone = await startFakeGateway(200, {
      status: 'ready',
      store: 'ok',
      temporal: { reachable: false },
    });
    expect(await findFaults(productionEnv({ PUBLIC_URL: alone.url }))).toEqual([
      `wrong gateway: ${alone.url} accepts deliveries, but cannot reach Temporal.`,
    ]);
    await alone.close();
  });

  it.each([
    ['15 minutes ahead', 15 * 60_000, '1[45] minutes ahead of'],
    ['3 hours behind', -3 * 3_600_000, '(179 minutes|[23] hours) behind'],
  ])('doctor reports that the clock of a gateway is %s', async (_which, byMs, difference) => {
    const ready = { status: 'ready', store: 'ok', temporal: { reachable: true } };
    const date = new Date(Date.now() + byMs).toUTCString();
    const wrong = await startFakeGateway(200, ready, { date });
    const report = (other: string) =>
      expect.stringMatching(
        new RegExp(
          `^wrong gateway clock: The clock of ${wrong.url} runs ${difference} ${other}; the times of its requests are wrong by as much\\.$`,
        ),
      ) as string;
    expect(await findFaults(productionEnv({ PUBLIC_URL: wrong.url }))).toEqual([report('Temporal’s')]);
    const withoutTemporal = productionEnv({ PUBLIC_URL: wrong.url, TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect(await findFaults(withoutTemporal)).toContainEqual(report('this machine’s'));
    await wrong.close();
  });

  it('doctor reports waiting, held and unreadable requests, and escapes their control characters', async () => {
    const env = productionEnv();
    const store = createFolderStore({ folder: env['REQUEUE_STORE'] ?? '' });
    const evil = '\u001b]0;owned\u0007\u009b2J\n\u202egnp.exe';
    const held = { ...aRequest({ body: 'held' }), issueId: `issue ${evil}` };
    const waiting = {
      ...aRequest({ body: 'waiting', issueId: 'lonely' }),
      receivedAt: new Date(Date.now() - 3 * 3_600_000).toISOString(),
    };
    for (const request of [held, waiting]) await putInboxEntry(store, request);
    await updateDispatchState(store, {
      request: held,
      handOver: { runId: 'r1', held: `A person terminated its workflow.${evil}` },
    });
    writeFileSync(join(env['REQUEUE_STORE'] ?? '', 'inbox', 'torn.json'), '{"request":{"requestId":"torn"');
    writeFileSync(join(env['REQUEUE_STORE'] ?? '', 'inbox', 'empty.json'), '{}');

    const examination = await examine(env);
    expect(isWell(examination)).toBe(false);
    const text = renderReport(examination, { tidy: false, colour: false, width: 80 });
    const json = renderJson(examination);
    for (const output of [text, json]) {
      expect(output).not.toMatch(controlling);
      expect(output).toContain(`npx requeue replay ${held.sha256}`);
      expect(output.replace(/\s+/g, ' ')).toContain(`npx requeue drop ${held.sha256} --reason`);
    }
    expect(text).toMatch(
      /^wrong: inbox: 1 accepted request is not finished; the oldest, for issue lonely, arrived 3 hours ago; it has not been dispatched to Temporal\./m,
    );
    expect(text).toMatch(
      /^wrong: held request: Issue issue .*, delivery [0-9a-f]{64}: A person terminated its workflow\./m,
    );
    for (const name of ['torn', 'empty'])
      expect(text).toContain(
        `wrong: unreadable entry: inbox/${name}.json is not a complete entry: the file was damaged or edited.`,
      );
    const { findings } = JSON.parse(json) as { findings: Finding[] };
    expect(findings).toContainEqual(
      expect.objectContaining({
        part: 'held request',
        about: { requestId: held.requestId, issueId: held.issueId, sha256: held.sha256 },
      }),
    );
  });

  it('doctor reports a store that is missing, not writable, full, or holds files of killed processes', async () => {
    const missing = join(folder, 'none');
    expect(await findFaults(productionEnv({ REQUEUE_STORE: missing }))).toEqual([
      `wrong store: There is no store at ${missing} (ENOENT).`,
      'unchecked inbox: The inbox cannot be read (ENOENT).',
    ]);

    const env = productionEnv();
    const store = env['REQUEUE_STORE'] ?? '';
    mkdirSync(join(store, 'tmp'));
    const { pid: ended } = spawnSync(process.execPath, ['--version']);
    writeFileSync(join(store, 'tmp', tempName('ab').replace(`-${process.pid}-`, `-${ended}-`)), 'left');
    expect(await findFaults(env)).toEqual([
      'note temp files: Killed processes left 1 file (4 bytes) in the store.',
    ]);

    const { config } = await findSubject(env);
    const greedy = { ...config, gateway: { ...config.gateway, maxBodyBytes: Number.MAX_SAFE_INTEGER } };
    const [, room] = await checkStore({ ...(await findSubject(env)), config: greedy });
    expect(room).toMatchObject({
      state: 'wrong',
      says: expect.stringMatching(/^\d.* free, less than one body of the maximum size/) as string,
    });

    const blocked = newStore();
    writeFileSync(join(blocked, 'deliveries'), 'a file where a folder should be');
    const [fault] = await findFindings(productionEnv({ REQUEUE_STORE: blocked }), 'store');
    expect(fault).toMatchObject({
      state: 'wrong',
      says: expect.stringMatching(/is not writable \(E[A-Z]+\): the gateway refuses deliveries\.$/) as string,
    });
  });
});

it('doctor suggests npm run dev when nothing was started', async () => {
  const { subject, findings } = await examine({
    REQUEUE_STORE: join(folder, 'not-yet'),
    TEMPORAL_PORT: '1',
    PORT: '1',
    SANDBOX_PORT: '1',
  });
  expect(subject?.mode).toBe('dev');
  expect(findings.filter(({ state }) => state === 'wrong').map(({ part }) => part)).toEqual([
    'store',
    'Temporal',
    'destination labelbox',
    'gateway',
  ]);
  for (const { state, todo } of findings) if (state === 'wrong') expect(todo).toContain('npm run dev');
});

it('doctor reports the faults of the configuration, and checks nothing more', async () => {
  const { code, stdout } = await requeue(['doctor'], { PORT: 'x', APPROVAL_THRESHOLD: '-1' });
  expect(code).toBe(1);
  expect(stdout.split('\n').filter((line) => line.startsWith('wrong: configuration: '))).toHaveLength(2);
  expect(stdout).toMatch(/\n2 problems\.\n$/);
});

describe('On a terminal', () => {
  const examination = {
    findings: [
      { part: 'store', state: 'well', says: 'It is writable.' },
      {
        part: 'held request',
        state: 'wrong',
        says: 'Its workflow \u001b[31mclosed three times without a report, on a morning in autumn.',
        todo: 'replay it',
      },
    ],
  } as const;

  it('doctor aligns marks, parts and sentences, and breaks long lines between words', () => {
    expect(renderReport(examination, { tidy: true, colour: false, width: 60 })).toBe(
      [
        '✓ store         It is writable.',
        '✗ held request  Its workflow \\u001b[31mclosed three times',
        '                without a report, on a morning in autumn.',
        '                -> replay it',
        '',
        '1 problem.',
        '',
      ].join('\n'),
    );
  });

  it('doctor colours the marks alone', () => {
    const plain = renderReport(examination, { tidy: true, colour: false, width: 60 });
    expect(renderReport(examination, { tidy: true, colour: true, width: 60 })).toBe(
      plain.replace('✓', '\u001b[32m✓\u001b[39m').replace('✗', '\u001b[31m✗\u001b[39m'),
    );
  });
});

/** Accepts connections and never answers. */
async function startSilent(): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as { port: number }).port,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
