import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { Webhook } from 'standardwebhooks';
import type { NotifyInput } from '../../src/activities/contracts';
import { createNotify } from '../../src/activities/notify/notify';
import type { Notice } from '../../src/config/config';
import { noticeEvents } from '../../src/domain/notice-event';
import { createFolderStore } from '../../src/payloads/folder/folder-store';
import { writePlan } from '../../src/payloads/plan-file';
import { tempFolder } from '../payloads/temp-folder';
import { until } from '../support/until';

const secrets = [
  `whsec_${Buffer.from('an-old-secret-of-24-bytes').toString('base64')}`,
  Buffer.from('a-new-secret-of-24-bytes!').toString('base64'),
];

const store = createFolderStore({ folder: tempFolder() });
beforeAll(() =>
  writePlan(store, input.ref, {
    ...input.ref,
    ...{
      version: 1,
      requestId: 'r',
      issueName: input.issueName,
      project: input.project,
      sha256: '01',
      force: false,
    },
    ...{ receivedAt: input.at, createdAt: input.at, destination: 'labelbox', destinationProject: 'p1' },
    selection: { crops: 'matching', frames: 'skip', labelId: 'uuid', onInvalid: 'skip', resend: 'new' },
    ...{
      elements: 1600,
      labels: 1500,
      leftOut: { frame: 2 },
      labelsSha256: '',
      indexSha256: '',
      leftOutSha256: '',
    },
    summary: {
      classes: { top: [{ name: 'plate', labels: 1500 }], other: 0 },
      datasets: none,
      inferenceSets: none,
      frames: 800,
      sample: [],
    },
  }),
);
const none = { top: [], other: 0 };

interface Got {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const got: Got[] = [];
let answer: (response: ServerResponse) => void = (response) => response.writeHead(204).end();
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    got.push({ headers: request.headers, body });
    answer(response);
  });
});
beforeAll(() => new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening)));
afterAll(() => new Promise<void>((closed) => void server.close(() => closed())));
beforeEach(() => {
  got.length = 0;
  answer = (response) => response.writeHead(204).end();
});

function aNotice(change: Partial<Notice> = {}): Notice {
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook-with-a-secret-in-it`;
  return { name: 'team', address, secrets, events: noticeEvents, form: 'standard', ...change };
}

const input: NotifyInput = {
  target: 'team',
  event: 'export.awaiting-approval',
  id: 'run-1-1',
  at: '2026-11-24T10:00:00.000Z',
  ref: { issueId: 'issue/1', revision: '0123456789ab', attempt: 1 },
  issueName: 'Blurred <plates> & *more*\n@channel',
  project: 'street-scenes',
  destination: 'labelbox',
  stage: 'awaiting-approval',
  labels: { planned: 1500, relabeled: 0, alreadyGone: 0, refused: 0, unconfirmed: 0, withheld: 0 },
  question: { from: 1, to: 1500, expiresAt: '2026-12-01T10:00:00.000Z' },
  brief: { elements: 1600, frames: 800 },
};

function tell(notices: readonly Notice[], change: Partial<NotifyInput> = {}): Promise<void> {
  const notify = createNotify({
    store,
    notices,
    publicUrl: 'https://requeue.example/',
    temporalUiUrl: 'https://temporal.example',
  });
  return new MockActivityEnvironment({
    workflowExecution: { workflowId: 'export-issue-issue/1', runId: 'run-1' },
    workflowNamespace: 'labels',
  }).run(notify, { ...input, ...change }) as Promise<void>;
}

describe('a standard notice', () => {
  it('is signed with every secret as Standard Webhooks say, and carries plan and links', async () => {
    await tell([aNotice()]);
    const [{ headers, body }] = got as [Got];
    for (const secret of secrets)
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toBeDefined();
    expect(headers['webhook-id']).toBe('run-1-1');
    expect(JSON.parse(body)).toEqual({
      type: 'export.awaiting-approval',
      timestamp: input.at,
      data: {
        ...input.ref,
        issueName: input.issueName,
        project: 'street-scenes',
        destination: 'labelbox',
        stage: 'awaiting-approval',
        labels: input.labels,
        question: input.question,
        plan: {
          elements: 1600,
          labels: 1500,
          leftOut: { frame: 2 },
          destinationProject: 'p1',
          classes: [{ name: 'plate', labels: 1500 }],
          frames: 800,
        },
        links: {
          page: 'https://requeue.example/exports/issue%2F1',
          temporal: 'https://temporal.example/namespaces/labels/workflows/export-issue-issue%2F1',
        },
      },
    });
  });

  it('does not verify with another secret, or after a change', async () => {
    await tell([aNotice()]);
    const [{ headers, body }] = got as [Got];
    expect(() =>
      new Webhook(Buffer.from('x'.repeat(24)).toString('base64')).verify(
        body,
        headers as Record<string, string>,
      ),
    ).toThrow('No matching signature found');
    expect(() =>
      new Webhook(secrets[0]!).verify(body.replace('1500', '1501'), headers as Record<string, string>),
    ).toThrow('No matching signature found');
  });
});

it('a slack notice is one text in which nothing of a name is markup', async () => {
  await tell([aNotice({ form: 'slack', secrets: [] })], { because: 'https://evil.example <!channel>' });
  const [{ headers, body }] = got as [Got];
  expect(headers['webhook-signature']).toBeUndefined();
  expect((JSON.parse(body) as { text: string }).text.split('\n')).toEqual([
    "*Approval needed*: Blurred &lt;plates&gt; &amp; 'more' @channel (project street-scenes, revision 0123456789ab)",
    'Stage awaiting-approval; 1,500 labels planned, 0 relabeled',
    'Send labels 1 to 1,500 back to labeling? Deadline: 2026-12-01T10:00:00.000Z.',
    'Classes: plate 1,500',
    'https://evil.example &lt;!channel&gt;',
    '<https://requeue.example/exports/issue%2F1|Open in Requeue> · <https://temporal.example/namespaces/labels/workflows/export-issue-issue%2F1|Open in Temporal>',
  ]);
});

it('tells nobody when its target is configured no more', async () => {
  await tell([aNotice({ name: 'another' })]);
  expect(got).toEqual([]);
});

describe('tried again, in a sentence without the address,', () => {
  it.each([
    [
      'a refusal',
      (response: ServerResponse) => response.writeHead(500).end('words'),
      'The receiver of the notice team answered 500.',
    ],
    [
      'a redirect',
      (response: ServerResponse) => response.writeHead(302, { location: '/' }).end(),
      'The receiver of the notice team answered 302.',
    ],
    [
      'a reset',
      (response: ServerResponse) => response.socket?.destroy(),
      'The receiver of the notice team did not answer (UND_ERR_SOCKET).',
    ],
  ])('is %s', async (_, answering, sentence) => {
    answer = answering;
    await expect(tell([aNotice()])).rejects.toMatchObject({ message: sentence, nonRetryable: false });
    expect(got).toHaveLength(1);
  });

  it('is nobody who listens', async () => {
    const told = tell([aNotice({ address: 'http://127.0.0.1:1/hook-with-a-secret-in-it' })]);
    await expect(told).rejects.toThrow('The receiver of the notice team did not answer (ECONNREFUSED).');
  });

  it('is who asks to wait, after that time', async () => {
    answer = (response) => response.writeHead(429, { 'retry-after': '7' }).end();
    const failure = await tell([aNotice()]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ nextRetryDelay: 7000 });
  });

  it('is who asks to wait for longer than notices are tried, while there is time', async () => {
    answer = (response) => response.writeHead(503, { 'retry-after': '3600' }).end();
    await expect(tell([aNotice()])).rejects.toMatchObject({ nonRetryable: false, nextRetryDelay: 300_000 });
  });
});

it('is tried no more when the receiver says that it is gone', async () => {
  answer = (response) => response.writeHead(410).end();
  await expect(tell([aNotice()])).rejects.toMatchObject({
    message: 'The receiver of the notice team answered 410 (Gone); the notice is not retried.',
    nonRetryable: true,
  });
});

it('makes ten calls at once to a receiver that does not answer, and takes no place from others meanwhile', async () => {
  const held: ServerResponse[] = [];
  const silent = createServer((_incoming, response) => void held.push(response));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
  const notices = [aNotice({ address }), aNotice({ name: 'other' })];
  const notify = createNotify({
    store,
    notices,
    publicUrl: 'https://requeue.example',
    temporalUiUrl: 'https://temporal.example',
  });
  const told = (target: string): Promise<void> =>
    new MockActivityEnvironment({
      workflowExecution: { workflowId: 'export-issue-issue/1', runId: 'run-1' },
    }).run(notify, {
      ...{ ...input, target },
    }) as Promise<void>;
  const calls = Array.from({ length: 10 }, () => told('team'));
  await until('ten calls', () => held.length === 10);
  await expect(told('team')).rejects.toMatchObject({
    message: 'The receiver of the notice team has 10 calls in flight (limit 10); Temporal retries in 2 s.',
    nonRetryable: false,
  });
  await told('other');
  for (const response of held.splice(0)) response.writeHead(204).end();
  await Promise.all(calls);
  const again = told('team');
  await until('another call', () => held.length === 1);
  held[0]?.writeHead(204).end();
  await again;
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
});
