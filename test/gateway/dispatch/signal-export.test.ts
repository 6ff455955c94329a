import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { cutToBytes } from '../../../src/text/cut';
import { signalExport } from '../../../src/gateway/dispatch/signal-export';
import { exportWorkflowId } from '../../../src/temporal/names';
import { acceptedIds, hostileNames } from '../../support/hostile-names';
import { markdownTokens } from '../../support/markdown-tokens';
import { aRequest } from '../../support/requests';
import { startTemporal } from '../../support/harness/temporal';
import { until } from '../../support/until';

let env: TestWorkflowEnvironment;

/** A request for every accepted id; its names are the hostile texts in turn. */
const requests = hostileNames.map(({ text }, index) => {
  const name = cutToBytes(text, 200);
  return aRequest({ issueId: acceptedIds[index] ?? `names-${index}`, issueName: name, project: name });
});

beforeAll(async () => {
  env = await startTemporal();
  for (const request of requests)
    expect(await signalExport(env.client, request, 10_000, 1_234_567)).toMatchObject({ kind: 'signalled' });
}, 60_000);

afterAll(() => env.teardown());

/**
 * What Temporal's queries can compare with (server 1.32): it does not take back the escapes of these
 * characters, and cuts quotes off both ends. Such an issue is found by its workflow id.
 */
const comparable = (text: string) =>
  !['"', '\\', '\b', '\n', '\r', '\t', '\u001A'].some((one) => text.includes(one)) && !/^'|'$/.test(text);

/** A text in a query. */
const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

async function found(query: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of env.client.workflow.list({ query })) ids.push(workflowId);
  return ids.sort();
}

it('signalExport starts a separate workflow for every issue id, with its name on it', async () => {
  await until('all of them', async () => (await env.client.workflow.count()).count === requests.length);
  for (const { issueId, issueName, project } of requests) {
    const { searchAttributes, staticSummary } = await described(exportWorkflowId(issueId));
    expect(searchAttributes).toMatchObject({
      AquariumIssueId: [cutToBytes(issueId, 200)],
      AquariumIssueName: [issueName],
      AquariumProject: [project],
    });
    expect(staticSummary).toMatch(/, 1,234,567 elements$/);
    expect(Buffer.byteLength(staticSummary)).toBeLessThanOrEqual(200);
    expect(markdownTokens(staticSummary).map(({ type }) => type)).toEqual(
      expect.not.arrayContaining(['link', 'image', 'html', 'heading', 'list', 'em', 'del', 'code']),
    );
  }
});

it('A search finds every issue by its id and its names, and never another', async () => {
  for (const { issueId, project } of requests) {
    expect(await found(`AquariumIssueId = ${quoted(cutToBytes(issueId, 200))}`)).toEqual(withId(issueId));
    expect(
      await found(`AquariumIssueName = ${quoted(project)} AND AquariumProject = ${quoted(project)}`),
    ).toEqual(withName(project));
  }
});

/** Ids that begin with the same 200 bytes have the same attribute. */
function withId(issueId: string): string[] {
  const id = cutToBytes(issueId, 200);
  return comparable(id)
    ? listWorkflowIds(requests.filter((other) => cutToBytes(other.issueId, 200) === id))
    : [];
}

function withName(name: string): string[] {
  return comparable(name) ? listWorkflowIds(requests.filter(({ project }) => project === name)) : [];
}

function listWorkflowIds(some: typeof requests): string[] {
  return some.map(({ issueId }) => exportWorkflowId(issueId)).sort();
}

async function described(workflowId: string) {
  const handle = env.client.workflow.getHandle(workflowId);
  const { searchAttributes, staticSummary } = await handle.describe().then(async (description) => ({
    searchAttributes: description.searchAttributes,
    staticSummary: await description.staticSummary(),
  }));
  return { searchAttributes, staticSummary: staticSummary ?? '' };
}
