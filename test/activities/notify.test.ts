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
import { createPlanFile } from '../../src/payloads/plan-file';
import { tempFolder } from '../payloads/temp-folder';
import { aPlan } from '../support/builders';
import { until } from '../support/until';

const secrets = [
  `whsec_${Buffer.from('an-old-secret-of-24-bytes').toString('base64')}`,
  Buffer.from('a-new-secret-of-24-bytes!').toString('base64'),
];

const store = createFolderStore({ folder: tempFolder() });
beforeAll(() => createPlanFile(store, input.ref, aPlan(input.ref)));

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

function sendNotice(notices: readonly Notice[], change: Partial<NotifyInput> = {}): Promise<void> {
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

describe('A standard notice', () => {
  it('A standard notice is signed with every secret, as Standard Webhooks specify, and has plan and links', async () => {
    await sendNotice([aNotice()]);
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

  it('A standard notice does not verify with another secret, or after a change', async () => {
    await sendNotice([aNotice()]);
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

it('A slack notice is one text in which names cannot act as markup', async () => {
  await sendNotice([aNotice({ form: 'slack', secrets: [] })], { because: 'https://evil.example <!channel>' });
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

it('A notice whose target is no longer configured is not sent', async () => {
  await sendNotice([aNotice({ name: 'another' })]);
  expect(got).toEqual([]);
});

describe('A notice that is retried', () => {
  it.each([
    [
      'a refusal',
      (response: ServerResponse) => response.writeHead(500).end('words'),
      'The receiver team answered 500.',
    ],
    [
      'a redirect',
      (response: ServerResponse) => response.writeHead(302, { location: '/' }).end(),
      'The receiver team answered 302.',
    ],
    [
      'a reset',
      (response: ServerResponse) => response.socket?.destroy(),
      'The receiver team did not answer (UND_ERR_SOCKET).',
    ],
  ])('A notice is retried after %s, in a sentence without the address', async (_, answering, sentence) => {
    answer = answering;
    await expect(sendNotice([aNotice()])).rejects.toMatchObject({ message: sentence, nonRetryable: false });
    expect(got).toHaveLength(1);
  });

  it('A notice is retried when the receiver is down, in a sentence without the address', async () => {
    const sent = sendNotice([aNotice({ address: 'http://127.0.0.1:1/hook-with-a-secret-in-it' })]);
    await expect(sent).rejects.toThrow('The receiver team did not answer (ECONNREFUSED).');
  });

  it('A notice is retried after the time in Retry-After', async () => {
    answer = (response) => response.writeHead(429, { 'retry-after': '7' }).end();
    const failure = await sendNotice([aNotice()]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect((failure as ApplicationFailure).nextRetryDelay).toBeGreaterThanOrEqual(7000);
    expect((failure as ApplicationFailure).nextRetryDelay).toBeLessThanOrEqual(8000);
  });

  it('A notice is retried after five minutes when Retry-After is longer', async () => {
    answer = (response) => response.writeHead(503, { 'retry-after': '3600' }).end();
    const failure = await sendNotice([aNotice()]).catch((error: unknown) => error);
    expect(failure).toMatchObject({ nonRetryable: false });
    expect((failure as ApplicationFailure).nextRetryDelay).toBeGreaterThanOrEqual(300_000);
    expect((failure as ApplicationFailure).nextRetryDelay).toBeLessThanOrEqual(330_000);
  });
});

it('A notice is not retried after 410 Gone', async () => {
  answer = (response) => response.writeHead(410).end();
  await expect(sendNotice([aNotice()])).rejects.toMatchObject({
    message: 'The receiver team answered 410 (Gone); the notice is not retried.',
    nonRetryable: true,
  });
});

it('A receiver that does not answer gets at most ten calls at once, and other receivers still get theirs', async () => {
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
  const sendTo = (target: string): Promise<void> =>
    new MockActivityEnvironment({
      workflowExecution: { workflowId: 'export-issue-issue/1', runId: 'run-1' },
    }).run(notify, { ...input, target }) as Promise<void>;
  const calls = Array.from({ length: 10 }, () => sendTo('team'));
  await until('ten calls', () => held.length === 10);
  await expect(sendTo('team')).rejects.toMatchObject({
    message:
      'This worker already has 10 calls in flight to the receiver team (limit 10); Temporal retries after at least 2 s.',
    nonRetryable: false,
  });
  await sendTo('other');
  for (const response of held.splice(0)) response.writeHead(204).end();
  await Promise.all(calls);
  const again = sendTo('team');
  await until('another call', () => held.length === 1);
  held[0]?.writeHead(204).end();
  await again;
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
});
