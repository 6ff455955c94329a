import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import pino from 'pino';
import { createGateway } from '../../src/gateway/app';
import { createOperatorApi } from '../../src/gateway/api/create-operator-api';
import { createLinks } from '../../src/gateway/links';
import { createStamps } from '../../src/gateway/intake/stamps';
import { type RunningServer, serve } from '../../src/gateway/http/server';
import { createFolderStore } from '../../src/payloads/folder/folder-store';
import { connectClient } from '../../src/temporal/connection';
import { mainTaskQueue, exportWorkflowId } from '../../src/temporal/names';
import { browse, onOneLine, signIn } from '../gateway/pages/browse';
import { tempFolder } from '../payloads/temp-folder';
import { aDestination } from '../support/builders';
import { startTemporal } from '../support/harness/temporal';
import { until } from '../support/until';

/** A start costs the dev server 10 ms. CI sets `PAGE_EXPORTS=5000`, as many exports as a busy year has. */
const exports = Number(process.env['PAGE_EXPORTS'] ?? 300);
const stages = ['awaiting-approval', 'sending', 'paused', 'preparing'] as const;
const folder = tempFolder();
let temporal: TestWorkflowEnvironment;
let connected: ReturnType<typeof connectClient>;
let server: RunningServer;
let me: { cookie: string };

/** No worker runs: each export keeps the search attributes of its start. */
beforeAll(async () => {
  temporal = await startTemporal();
  connected = connectClient({ address: temporal.address, env: {} });
  const { client, namespace } = connected;
  await startExports();
  const config = {
    webhookSecrets: ['secret'],
    operators: [{ name: 'ann', token: 'token-of-ann' }],
    gateway: { maxBodyBytes: 1024, publicUrl: 'http://127.0.0.1' },
    temporal: { uiUrl: 'http://127.0.0.1' },
  };
  const store = createFolderStore({ folder });
  const logger = pino({ level: 'silent' });
  const dispatcher = {
    dispatch: () => undefined,
    settle: async (entry: unknown) => entry,
    temporalState: () => ({ reachable: true }),
  } as never;
  const links = createLinks({ publicUrl: 'http://127.0.0.1', uiUrl: 'http://127.0.0.1', namespace });
  const api = createOperatorApi({
    store,
    client,
    dispatcher,
    links,
    stamps: createStamps(store),
    destinations: [aDestination()],
    logger,
  });
  server = await serve(createGateway({ config, namespace, store, dispatcher, api, logger }), {
    host: '127.0.0.1',
    port: 0,
  });
  me = await signIn(server.port, 'token-of-ann');
  await until('all of them in the list', async () => (await client.workflow.count()).count === exports);
}, 300_000);

afterAll(async () => {
  await server?.close();
  await connected?.connection.close();
  await temporal?.teardown();
});

it(`The list has each of ${exports} exports once over all pages, newest first`, async () => {
  const { ids, times } = await walk('/?limit=100');
  expect(ids).toHaveLength(exports);
  expect(new Set(ids).size).toBe(exports);
  expect(times).toEqual([...times].sort().reverse());
});

it('A filter finds its exports among all, on every page', async () => {
  const ofStage = await walk('/?stage=paused&limit=100');
  expect(new Set(ofStage.ids)).toEqual(
    new Set(
      numbers()
        .filter((at) => stages[at % 4] === 'paused')
        .map(makeIssueId),
    ),
  );
  expect((await walk("/?project=it's+mine&limit=100")).ids).toHaveLength(exports / 50);
  expect((await walk('/?issue=issue-12')).ids.sort()).toEqual(
    numbers()
      .map(makeIssueId)
      .filter((id) => id.startsWith('issue-12'))
      .sort(),
  );
  expect(
    (await walk('/?issue=issue-12&stage=paused&project=street-scenes')).ids.every((id) =>
      id.startsWith('issue-12'),
    ),
  ).toBe(true);
  expect((await browse(server.port, '/?issue=unknown', me)).text).toContain('No exports found.');
});

it.each(['', '?stage=paused', "?project=it's+mine", '?issue=issue-12&stage=sending'])(
  'The link to the Temporal Web UI lists the same exports as the page: /%s',
  async (query) => {
    const { text } = await browse(server.port, `/${query}`, me);
    const address = /<a href="([^"]+)" rel="noreferrer">Open in Temporal</
      .exec(onOneLine(text))?.[1]
      ?.replaceAll('&#39;', "'");
    const asked = new URL(String(address)).searchParams.get('query');
    const found: string[] = [];
    for await (const { workflowId } of temporal.client.workflow.list({ query: String(asked) }))
      found.push(workflowId);
    const { ids } = await walk(`/${query}${query === '' ? '?' : '&'}limit=100`);
    expect(found.toSorted()).toEqual(ids.map(exportWorkflowId).toSorted());
  },
);

it('The list warns that no worker is running', async () => {
  expect((await browse(server.port, '/', me)).text).toContain('No worker');
});

function numbers(): number[] {
  return Array.from({ length: exports }, (_, at) => at);
}

function makeIssueId(at: number): string {
  return `issue-${at}`;
}

async function startExports(): Promise<void> {
  const left = numbers();
  const dispatcher = async () => {
    for (let at = left.pop(); at !== undefined; at = left.pop()) await startExport(at);
  };
  await Promise.all(Array.from({ length: 32 }, dispatcher));
}

async function startExport(at: number): Promise<void> {
  const keyword = (name: string, value: string) => ({
    key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
    value,
  });
  const int = (name: string, value: number) => ({
    key: defineSearchAttributeKey(name, SearchAttributeType.INT),
    value,
  });
  await connected.client.workflow.start('ExportIssue', {
    workflowId: exportWorkflowId(makeIssueId(at)),
    taskQueue: mainTaskQueue,
    args: [{ issueId: makeIssueId(at) }],
    typedSearchAttributes: [
      keyword('AquariumIssueId', makeIssueId(at)),
      keyword('AquariumIssueName', `Issue ${at}`),
      keyword('AquariumProject', at % 50 === 0 ? "it's mine" : 'street-scenes'),
      keyword('ExportStage', stages[at % 4]!),
      keyword('ExportDestination', 'labelbox'),
      int('ExportLabels', 100),
      int('ExportLabelsDone', at % 100),
    ],
  });
}

/** Follows "Next page" from a page to the last. */
async function walk(first: string): Promise<{ ids: string[]; times: string[] }> {
  const ids: string[] = [];
  const times: string[] = [];
  for (let path: string | undefined = first; path !== undefined;) {
    const { status, text } = await browse(server.port, path, me);
    expect(status).toBe(200);
    ids.push(
      ...[...text.matchAll(/<a href="\/exports\/([^"]+)">/g)].map(([, id]) => decodeURIComponent(id ?? '')),
    );
    times.push(...[...text.matchAll(/<time datetime="([^"]+)"/g)].map(([, time]) => time ?? ''));
    path = /rel="next" href="([^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&');
  }
  return { ids, times };
}
