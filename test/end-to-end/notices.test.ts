import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { noticesKey } from '../../src/payloads/keys';
import { readBytes } from '../../src/payloads/small-objects';
import type { ExportRow } from '../../src/gateway/api/operator-api';
import { requeue } from '../cli/run-requeue';
import { browse, signIn, submit } from '../gateway/pages/browse';
import { tempFolder } from '../payloads/temp-folder';
import { type GotNotice, NoticeReceiver } from '../support/harness/notice-receiver';
import { exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { readHistoryTexts } from '../support/read-history-texts';
import { until } from '../support/until';

/** The new secret and the one that goes. */
const secrets = [`whsec_${randomBytes(32).toString('base64')}`, randomBytes(24).toString('base64')];
/** A Slack-compatible address is a secret itself. */
const secretPath = randomBytes(12).toString('hex');
const className = 'zebra-crossing';

let receiver: NoticeReceiver;
let stack: Stack;
const issues: string[] = [];

const folder = tempFolder();

beforeAll(async () => {
  receiver = await NoticeReceiver.start(secrets);
  const file = join(folder, 'requeue.yml');
  await writeFile(
    file,
    `
routes:
  - { project: asked, destination: labelbox, approval: always }
  - { project: strict, destination: labelbox, onInvalid: fail }
  - { project: '*', destination: labelbox }
notices:
  - { name: team, address: '\${TEAM_ADDRESS}', secrets: ['\${NEW_SECRET}', '\${OLD_SECRET}'] }
  - { name: slack, address: '\${SLACK_ADDRESS}', form: slack, events: [export.awaiting-approval, export.failed] }
`,
  );
  const [NEW_SECRET, OLD_SECRET] = secrets;
  const addresses = {
    TEAM_ADDRESS: receiver.address('team'),
    SLACK_ADDRESS: receiver.address(`${secretPath}/slack`),
  };
  stack = await (
    await Stack.create({ REQUEUE_CONFIG: file, NEW_SECRET, OLD_SECRET, ...addresses })
  ).startAll();
}, 60_000);

afterAll(async () => {
  await stack?.stop();
  await receiver?.close();
});

beforeEach(() => {
  receiver.answer = () => 204;
});

it('The receiver gets a notice of the question, with the plan and a link to the page that answers it, and a notice of the end', async () => {
  const revision = await send('plates/1', { project: 'asked' });
  await until('both notices', () => aboutIssue('plates/1').length === 2);
  const question = parseNotices('team', 'plates/1')[0];
  expect(question).toEqual({
    type: 'export.awaiting-approval',
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    data: {
      issueId: 'plates/1',
      revision,
      attempt: 1,
      issueName: 'Blurred plates',
      project: 'asked',
      destination: 'labelbox',
      stage: 'awaiting-approval',
      labels: { planned: 3, relabeled: 0, alreadyGone: 0, refused: 0, unconfirmed: 0, withheld: 0 },
      question: { from: 1, to: 3, expiresAt: expect.any(String) },
      plan: {
        elements: 4,
        labels: 3,
        leftOut: { invalid: 1 },
        destinationProject: 'asked',
        classes: [{ name: className, labels: 3 }],
        frames: 3,
      },
      links: {
        page: `${stack.url}/exports/plates%2F1`,
        temporal: `${stack.config.temporal.uiUrl}/namespaces/default/workflows/export-issue-plates%2F1`,
      },
    },
  });
  const [{ body, headers }] = taken('slack', 'plates/1') as [GotNotice];
  expect(headers).not.toHaveProperty('webhook-signature');
  const { text, ...rest } = JSON.parse(body) as { text: string };
  expect(rest).toEqual({});
  expect(text).toContain(`<${question!.data.links.page}|Open in Requeue>`);
  expect(text).toContain(`Classes: ${className} 3`);

  const { port } = stack.config.gateway;
  const me = await signIn(port, 'token-of-ann');
  const { pathname } = new URL(question!.data.links.page);
  const page = await browse(port, pathname, me);
  expect(page.text).toContain('Send 3 labels back to labeling?');
  expect((await submit(port, `${pathname}/decision`, { decision: 'approve', revision }, me)).status).toBe(
    303,
  );
  await ended('plates/1');
  expect(listEvents('team', 'plates/1')).toEqual(['export.awaiting-approval', 'export.completed']);
  expect(parseNotices('team', 'plates/1')[1]).toMatchObject({
    data: { stage: 'completed-with-problems', labels: { planned: 3, relabeled: 3 } },
  });
  expect(taken('slack', 'plates/1')).toHaveLength(1);
});

it('The receiver gets a notice with the reason when an export pauses by itself', async () => {
  await stack.fault({ kind: 'refuse-key', times: 1 });
  await send('key', { invalid: 0 });
  await stack.untilStage('key', 'paused');
  await stack.workflow('key').signal('resume');
  await ended('key');
  expect(parseNotices('team', 'key')).toMatchObject([
    { type: 'export.paused', data: { stage: 'paused', because: expect.stringContaining('401') as string } },
    { type: 'export.completed', data: { stage: 'completed', labels: { relabeled: 3 } } },
  ]);
  expect(taken('slack', 'key')).toEqual([]);
});

it('The receiver gets a notice when no plan can be made', async () => {
  await send('broken', { project: 'strict' });
  await ended('broken');
  expect(parseNotices('team', 'broken')).toMatchObject([
    {
      type: 'export.failed',
      data: { stage: 'failed', because: expect.stringMatching(/^Element 4 is invalid/) as string },
    },
  ]);
  expect(taken('slack', 'broken').map(({ body }) => body)).toEqual([
    expect.stringContaining('Export failed'),
  ]);
});

it('A receiver that refuses once gets the same notice again, under the same id', async () => {
  receiver.answer = ({ target }, count) => (target === 'team' && count === 1 ? 500 : 204);
  await send('again');
  await ended('again');
  const both = receiver.got.filter(({ body }) => body.includes('"again"'));
  expect(both.map(({ status }) => status)).toEqual([500, 204]);
  expect(new Set(both.map(({ id }) => id)).size).toBe(1);
  expect(new Set(both.map(({ body }) => body)).size).toBe(1);
});

it('The next request waits for no notice; the run ends only when all notices are delivered', async () => {
  let isOpen = false;
  receiver.answer = () => (isOpen ? 204 : 503);
  const first = await send('busy');
  await until('the first notice to be refused', () => receiver.got.some(({ body }) => body.includes(first)));
  const second = await send('busy', { labels: 5 });
  await stack.untilDone('busy');
  expect(await stack.reportHead('busy', second)).toMatchObject({ counts: { relabeled: 2 } });
  expect(stack.requeued('busy-label-')).toEqual(ids('busy-label-', 5));
  expect(taken('team', 'busy')).toEqual([]);
  expect((await stack.workflow('busy').describe()).status.name).toBe('RUNNING');
  isOpen = true;
  await ended('busy');
  expect(
    parseNotices('team', 'busy')
      .map(({ data }) => data.revision)
      .toSorted(),
  ).toEqual([first, second].toSorted());
});

it('An ended export whose run still sends notices is listed with the time of its report, and is found by again --failed', async () => {
  receiver.answer = () => 503;
  const endings = { late: 'failed', 'late-too': 'failed', 'late-well': 'completed' };
  for (const [issueId, stage] of Object.entries(endings)) {
    const isBroken = stage === 'failed';
    const revision = await send(issueId, isBroken ? { project: 'strict' } : { invalid: 0 });
    await stack.untilDone(issueId);
    const row = await until(`${issueId} in the list`, async () => {
      const { body } = await stack.ask('GET', `/api/exports?issue=${issueId}&stage=${stage}`);
      return (body['exports'] as ExportRow[]).find((listed) => listed.issueId === issueId);
    });
    const report = await stack.reportHead(issueId, revision);
    expect(row).toMatchObject({ stage, isOpen: false, source: 'temporal', endedAt: report?.endedAt });
    expect((await stack.workflow(issueId).describe()).closeTime).toBeUndefined();
  }
  const env = { PORT: String(stack.config.gateway.port), REQUEUE_TOKEN: 'token-of-ann' };
  const { stdout } = await requeue(['again', '--failed', '--since', '1h'], env);
  expect(stdout).toContain('late: Asked again');
  expect(stdout).toContain('late-too: Asked again');
  receiver.answer = () => 204;
  for (const issueId of Object.keys(endings)) await ended(issueId);
});

it('A receiver that is gone gets no retry: each notice is recorded next to the report, and the run ends', async () => {
  receiver.answer = () => 410;
  const revision = await send('gone', { project: 'asked' });
  await stack.untilStage('gone', 'awaiting-approval');
  await stack.workflow('gone').signal('approve');
  await ended('gone');
  const recorded = await readNotices('gone', revision);
  const lines = recorded.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as { target: string }).toSorted(byTarget)).toEqual(
    [
      ['slack', 'export.awaiting-approval'],
      ['team', 'export.awaiting-approval'],
      ['team', 'export.completed'],
    ].map(([target, event]) => ({
      id: expect.any(String),
      target,
      event,
      at: expect.any(String),
      givenUpAt: expect.any(String),
      failure: `The receiver ${target} answered 410 (Gone); the notice is not retried.`,
    })),
  );
  expect(receiver.got.filter(({ status }) => status === 410)).toHaveLength(3);
  for (const hidden of [...secrets, secretPath, receiver.address('')]) expect(recorded).not.toContain(hidden);
});

it('Every notice is signed with both secrets and accepted once, and no notice or history contains an id or secret that it must not', async () => {
  const standard = receiver.got.filter(({ target }) => target === 'team');
  expect(standard.length).toBeGreaterThan(8);
  for (const { verified, headers } of standard) {
    expect(verified).toEqual(secrets);
    expect(headers['content-type']).toBe('application/json');
  }
  const takenIds = receiver.taken().flatMap(({ id }) => id ?? []);
  expect(new Set(takenIds).size).toBe(takenIds.length);
  const bodies = receiver.got.map(({ body }) => body);
  expect(bodies.filter((body) => body.includes(className)).every(isQuestion)).toBe(true);
  const histories = await Promise.all(issues.map((issueId) => readHistoryTexts(stack.workflow(issueId))));
  const historiesWith = (text: string) => issues.filter((_, at) => histories[at]!.includes(text));
  const refused = ['again', 'busy', 'late', 'late-too', 'late-well', 'gone'];
  expect(historiesWith('The receiver team answered')).toEqual(refused); // readHistoryTexts reads the payloads
  for (const hidden of ['-label-', '-element-', '-frame-', ...secrets, secretPath, receiver.address('')]) {
    expect(bodies.filter((body) => body.includes(hidden))).toEqual([]);
    expect(historiesWith(hidden)).toEqual([]);
  }
  expect(historiesWith(className)).toEqual([]);
});

interface NoticeBody {
  readonly type: string;
  readonly data: {
    readonly revision: string;
    readonly issueId: string;
    readonly links: { readonly page: string };
  };
}

/** Posts an export of three labels and an invalid element, and returns its revision. */
async function send(
  issueId: string,
  { project = 'street-scenes', labels = 3, invalid = 1 } = {},
): Promise<string> {
  const prefix = issueId.replace('/', '-');
  const body = exportBody(issueId, ids(`${prefix}-label-`, labels), { project });
  const elements = body.issue.elements.map((element, at) => ({
    ...element,
    element_id: `${prefix}-element-${at}`,
    frame_id: `${prefix}-frame-${at}`,
    crop_data: { uuid: element.element_id },
    frame_data: {
      label_data: element.frame_data.label_data.map((label) => ({ ...label, label: className })),
    },
  }));
  const broken = Array.from({ length: invalid }, (_, at) => ({
    element_id: `${prefix}-element-x${at}`,
    element_type: 'crop',
  }));
  issues.push(...(issues.includes(issueId) ? [] : [issueId]));
  const answer = await stack.post({ ...body, issue: { ...body.issue, elements: [...elements, ...broken] } });
  expect(answer.status).toBe(202);
  return String(answer.body['revision']);
}

async function ended(issueId: string): Promise<void> {
  await until(`the start of ${issueId}`, () => stack.workflow(issueId).describe());
  await stack.workflow(issueId).result();
}

/** The notices about an issue that a target accepted. */
function taken(target: string, issueId: string): GotNotice[] {
  return aboutIssue(issueId).filter((notice) => notice.target === target);
}

function aboutIssue(issueId: string): GotNotice[] {
  return receiver
    .taken()
    .filter(
      ({ body }) =>
        body.includes(`exports/${encodeURIComponent(issueId)}"`) ||
        body.includes(`exports/${encodeURIComponent(issueId)}|`),
    );
}

function parseNotices(target: string, issueId: string): NoticeBody[] {
  return taken(target, issueId).map(({ body }) => JSON.parse(body) as NoticeBody);
}

function listEvents(target: string, issueId: string): string[] {
  return parseNotices(target, issueId).map(({ type }) => type);
}

function isQuestion(body: string): boolean {
  return body.includes('export.awaiting-approval') || body.includes('Approval needed');
}

async function readNotices(issueId: string, revision: string): Promise<string> {
  return (await readBytes(stack.store, noticesKey({ issueId, revision, attempt: 1 }))).toString('utf8');
}

function byTarget(one: { target: string }, other: { target: string }): number {
  return one.target < other.target ? -1 : 1;
}
