import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { marked, type Tokens } from 'marked';
import { listInbox } from '../../src/payloads/inbox-entry';
import { reportCsvKey, reportKey } from '../../src/payloads/keys';
import { readBytes } from '../../src/payloads/small-objects';
import { aCrop, aLabel } from '../support/builders';
import { hostileNames } from '../support/hostile-names';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';

const texts = hostileNames.map(({ text }) => text);
const controls = hostileNames
  .filter(({ asIssueId }) => asIssueId === 'issue-id-control-character')
  .map(({ text }) => text);
/** Names that hold everything a name may hold; the first of the same in another case. */
const project = `"){x} \uD83D\u202E[p](https://evil.example)\`${controls.join(' ')}`;
const issueId = `../Caf\u00E9's "$(touch pwned)" %2e\\ \`\u202E`;
const twins = [issueId.toLowerCase(), issueId.normalize('NFD')];

let stack: Stack;

beforeAll(async () => {
  stack = await (await Stack.create({ CHUNK_LABELS: '10', APPROVAL_THRESHOLD: '10' })).startAll();
}, 60_000);

afterAll(() => stack.stop());

/** The delivery of an issue with hostile names everywhere. */
const delivery = (id: string, labelIds: readonly string[]) => ({
  event: 'issue-exported',
  project,
  issue: {
    id,
    name: `<b>${project}</b>`,
    elements: labelIds.map((text) =>
      aCrop(text, { element_id: text, labels: [aLabel(text, { label: text })] }),
    ),
  },
});

it('An export with hostile names everywhere asks, is approved as shown, and sends each label once', async () => {
  const { status, body } = await stack.post(delivery(issueId, texts));
  expect(status).toBe(202);
  const { workflowId, revision, links } = body as {
    workflowId: string;
    revision: string;
    links: { self: string };
  };
  const handle = stack.client().workflow.getHandle(workflowId);
  const details = await until('the question', async () => {
    const metadata = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    return metadata.currentDetails.includes('Answer with') && metadata.currentDetails;
  });
  await approveAs(details);
  await until('an empty inbox', async () => (await listInbox(stack.store)).length === 0);
  expect(stack.requeued().toSorted()).toEqual(texts.toSorted());
  expect(new Set(stack.sandbox.ledger().map(({ projectId }) => projectId))).toEqual(new Set([project]));
  const ref = { issueId, revision, attempt: 1 };
  const report = JSON.parse((await readBytes(stack.store, reportKey(ref))).toString()) as Record<
    string,
    unknown
  > & { labels: object[] };
  expect(report).toMatchObject({
    issueId,
    project,
    destinationProject: project,
    issueName: `<b>${project}</b>`,
    outcome: 'completed',
  });
  expect(report.labels.map((label) => ({ ...label }))).toEqual(
    texts.map(
      (text) => expect.objectContaining({ labelId: text, elementId: text, outcome: 'relabeled' }) as object,
    ),
  );
  const rows = parse(await readBytes(stack.store, reportCsvKey(ref)), {
    columns: true,
    record_delimiter: '\r\n',
  });
  expect(rows).toHaveLength(texts.length);
  const authorization = 'Bearer token-of-ann';
  expect(
    await (
      await fetch(links.self.replace('/exports/', '/api/exports/'), { headers: { authorization } })
    ).json(),
  ).toMatchObject({
    issueId,
    stage: 'completed',
  });
  const history = historyToJSON(await handle.fetchHistory());
  const decoded = history.replace(/"data":\s*"([^"]+)"/g, (_, data: string) =>
    Buffer.from(data, 'base64').toString(),
  );
  for (const text of texts.filter((one) => one.length > 40))
    expect(decoded).not.toContain(JSON.stringify(text).slice(1, -1));
});

it('Issues whose ids differ only in case or composition are exported separately', async () => {
  for (const twin of twins) await stack.post(delivery(twin, [`label of ${twin}`]));
  await until('an empty inbox', async () => (await listInbox(stack.store)).length === 0);
  const own = stack.requeued().filter((id) => id.startsWith('label of '));
  expect(own.toSorted()).toEqual(twins.map((twin) => `label of ${twin}`).toSorted());
  const keys = readdirSync(`${stack.folder}/exports`);
  expect(keys).toHaveLength(3);
  for (const key of keys) expect(key).toMatch(/^[a-z0-9_%-]+$/);
});

/** Does what the details show, in a shell: the first command, with the Temporal CLI of the tests and this stack's address. */
async function approveAs(details: string): Promise<void> {
  const code = marked.lexer(details).find((token): token is Tokens.Code => token.type === 'code');
  const [command = ''] = (code?.text ?? '').split('\n');
  expect(command).toMatch(/^temporal workflow signal .* --name approve /);
  const cli = process.env['TEMPORAL_CLI'] ?? 'temporal';
  const script = command.replace(/^temporal/, '"$0" --address "$1"');
  await promisify(execFile)('sh', ['-c', script, cli, stack.target.address], { cwd: stack.folder });
  expect(readdirSync(stack.folder)).not.toContain('pwned');
}
