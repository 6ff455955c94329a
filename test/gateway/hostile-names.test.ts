import { STATUS_CODES } from 'node:http';
import { readdirSync } from 'node:fs';
import { printable } from '../../src/text/printable';
import { hostileNames, unprintable } from '../support/hostile-names';
import { tempFolder } from '../payloads/temp-folder';
import { aDelivery, anIssue } from '../support/builders';
import {
  type Answer,
  operatorToken,
  type GatewayHarness,
  runGateway,
  secret,
  sendRaw,
} from './gateway-harness';

const parent = tempFolder();
const authorization = `Bearer ${operatorToken}`;
const isAccepted = (asIssueId: string) => asIssueId === 'verbatim' || asIssueId === 'hashed';

let gateway: GatewayHarness;
/** The answers by the text that was sent; all texts are sent at once. */
const asId = new Map<string, Answer>();
const asNames = new Map<string, Answer>();

beforeAll(async () => {
  gateway = await runGateway(parent);
  await Promise.all(
    hostileNames.map(async ({ text }, index) => {
      asId.set(text, await gateway.post(aDelivery({ issue: anIssue({ id: text }) })));
      asNames.set(
        text,
        await gateway.post(
          aDelivery({ project: text, issue: anIssue({ id: `names-${index}`, name: text }) }),
        ),
      );
    }),
  );
});

afterAll(() => gateway.close());

/** A refusal's message is one short printable line, whatever untrusted text it has. */
function expectSentence({ status, body }: Answer): void {
  const { error, message } = body as { error: string; message: string };
  expect(error).toMatch(/^[a-z0-9-]+$/);
  expect(message).toMatch(new RegExp(`^${STATUS_CODES[status]}: .`));
  expect(message.length).toBeLessThanOrEqual(300);
  expect(message).not.toMatch(unprintable);
}

const findLogLine = ({ body }: Answer) =>
  gateway.log.find(({ requestId }) => requestId === body['requestId']);
const findRequest = ({ body }: Answer) =>
  gateway.accepted.find(({ requestId }) => requestId === body['requestId']);

it('The gateway logs one line per delivery, which no terminal obeys and no reader cuts, and writes nothing outside its store', () => {
  expect(gateway.written).toHaveLength(2 * hostileNames.length);
  for (const line of gateway.written) {
    expect(line.endsWith('}\n')).toBe(true);
    expect(line.slice(0, -1)).not.toMatch(unprintable);
  }
  expect(gateway.inbox().map(({ request }) => request)).toEqual(
    gateway.accepted.toSorted((a, b) => (a.requestId < b.requestId ? -1 : 1)),
  );
  expect(readdirSync(parent)).toHaveLength(1);
});

describe.each(hostileNames)('$what', ({ text, asIssueId }) => {
  it(`The text as an issue id is ${asIssueId}`, () => {
    const answer = asId.get(text)!;
    if (!isAccepted(asIssueId)) {
      expect(answer).toMatchObject({ status: 400, body: { error: asIssueId } });
      expectSentence(answer);
      return;
    }
    expect(answer).toMatchObject({ status: 202, body: { issueId: text } });
    const { workflowId, links } = answer.body as {
      workflowId: string;
      links: { self: string; temporal: string };
    };
    expect(workflowId).toMatch(
      asIssueId === 'verbatim' ? /^export-issue-/ : /^export-issue-sha256-[0-9a-f]{64}$/,
    );
    if (asIssueId === 'verbatim') expect(workflowId).toBe(`export-issue-${text}`);
    expect(links.self).toMatch(/^https:\/\/requeue\.example\/exports\/[\w%.!~*'()-]+$/);
    expect(decodeURIComponent(links.self.split('/').at(-1)!)).toBe(text);
    expect(links.temporal).toMatch(
      /^https:\/\/temporal\.example\/namespaces\/default\/workflows\/[\w%.!~*'()-]+$/,
    );
    expect(decodeURIComponent(new URL(links.temporal).pathname.split('/').at(-1)!)).toBe(workflowId);
    expect(findRequest(answer)).toMatchObject({ issueId: text });
    expect(findLogLine(answer)).toMatchObject({ msg: 'Accepted a delivery.', issueId: text });
  });

  it('The text as a name of issue and project is accepted, and cut to 200 bytes of UTF-8', () => {
    const answer = asNames.get(text)!;
    expect(answer).toMatchObject({ status: 202 });
    const { issueName, project } = findRequest(answer)!;
    expect(issueName).toBe(project);
    const whole = text.replace(/[\0\p{Cs}]/gu, '\uFFFD'); // neither can be sent to Temporal
    expect(whole.startsWith(project)).toBe(true);
    if (Buffer.byteLength(whole) <= 200) expect(project).toBe(whole);
    else expect([197, 198, 199, 200]).toContain(Buffer.byteLength(project));
    expect(findLogLine(answer)).toMatchObject({ msg: 'Accepted a delivery.', project });
  });

  it('The text as an event, or as a repeated key, is refused in one line', async () => {
    const event = await gateway.post(aDelivery({ event: text }));
    expect(event).toMatchObject({ status: 400, body: { error: 'unknown-event' } });
    expectSentence(event);
    const key = JSON.stringify(text);
    if (Buffer.byteLength(key) > 512) return; // the reader compares no key of this length
    const twice = await gateway.post(
      `{"event":"issue-exported","project":"p","issue":{"id":"i",${key}:1,${key}:2,"elements":[{}]}}`,
    );
    expect(twice).toMatchObject({ status: 400, body: { error: 'key-twice' } });
    expectSentence(twice);
  });

  it('The text in a path gets the export of that issue, or a sentence', async () => {
    if (!isAccepted(asIssueId) || text === '.' || text === '..') return; // a client removes dots from a path
    const answer = await gateway.ask('GET', `/api/exports/${encodeURIComponent(text)}`, { authorization });
    expect(answer).toMatchObject({ status: 404, body: { error: 'no-such-export' } });
    expectSentence(answer);
    const named = `Not Found: Requeue has no export of the issue ${printable(JSON.stringify(text))}.`;
    if (named.length <= 300) expect(answer.body['message']).toBe(named);
  });
});

it.each(['%', '%ff', '%c3%28', '%00', '%0d%0aset-cookie:x', '..%2f..%2fetc%2fpasswd', '%252e%252e%252f'])(
  'The API answers the path %s as an unknown issue',
  async (path) => {
    const answer = await gateway.ask('GET', `/api/exports/${path}`, { authorization });
    expect(answer).toMatchObject({ status: 404, body: { error: 'no-such-export' } });
    expectSentence(answer);
  },
);

it('The gateway answers control characters in a header with a sentence, and logs one line', async () => {
  const from = gateway.written.length;
  const head = [
    'POST /webhook HTTP/1.1',
    'Host: x',
    'Connection: close',
    `X-Aquarium-Secret: ${secret}`,
    'Content-Type: \x9B31m\x85x',
    '',
    '',
  ];
  const answer = await sendRaw(gateway.port, head.join('\r\n'));
  const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as Record<string, unknown>;
  expectSentence({ status: 415, headers: {}, body });
  expect(body['message']).toContain('\\u009b31m\\u0085x');
  expect(gateway.written.slice(from).map((line) => unprintable.test(line.slice(0, -1)))).toEqual([false]);
});

it('The gateway also cuts the project in the log line of a test delivery', async () => {
  await gateway.post(aDelivery({ project: '字'.repeat(1000), issue: { id: 'i' } }));
  expect(gateway.log.at(-1)).toMatchObject({ msg: 'Answered a test delivery.', project: '字'.repeat(66) });
});
