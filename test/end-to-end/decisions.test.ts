import type { Progress } from '../../src/workflows/messages';
import { exportWorkflowId } from '../../src/temporal/names';
import { exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';

let stack: Stack;
let asked = 0;

beforeAll(async () => {
  stack = await (await Stack.create({ APPROVAL_THRESHOLD: '2' })).startAll();
}, 60_000);

afterAll(() => stack.stop());

/** `temporal workflow signal`, as a person types it. */
function signal(issueId: string, name: string, ...input: string[]) {
  return stack.temporal(
    'workflow',
    'signal',
    '--workflow-id',
    exportWorkflowId(issueId),
    '--name',
    name,
    ...input,
  );
}

describe('An approve that the Temporal CLI sends', () => {
  it.each([
    ['no input', [], ''],
    ['null', ['--input', 'null'], ''],
    ['true', ['--input', 'true'], ''],
    ['an empty list', ['--input', '[]'], ''],
    ['an empty object', ['--input', '{}'], ''],
    ['"approve"', ['--input', '"approve"'], ' ("approve")'],
    [
      'an object',
      ['--input', '{"approved":true,"by":"ann","reason":"seen"}'],
      ' by "ann" (claimed) ("seen")',
    ],
    ['doubly quoted JSON', ['--input', JSON.stringify('{"by":"ann"}')], ' by "ann" (claimed)'],
  ])('The approve answers the question when it has %s', async (_, input, words) => {
    const { issueId, revision } = await question();
    expect(await signal(issueId, 'approve', ...input)).toMatchObject({ code: 0 });
    await stack.untilDone(issueId);
    expect(await stack.reportHead(issueId, revision)).toMatchObject({
      outcome: 'completed',
      counts: { relabeled: 3 },
      log: [{ text: `Signal approve${words} approved labels 1 to 3 of 3.` }],
    });
  });

  it('The approve names a revision by 12 digits or by all 64', async () => {
    for (const digits of [12, 64]) {
      const { issueId, sha256 } = await question();
      expect(
        await signal(
          issueId,
          'approve',
          '--input',
          JSON.stringify({ revision: sha256.slice(0, digits), by: 'ann' }),
        ),
      ).toMatchObject({
        code: 0,
      });
      await stack.untilDone(issueId);
      expect(stack.sent(`${issueId}-`)).toHaveLength(3);
    }
  });

  it('The approve with upTo answers for the first labels, and the export asks again about the rest', async () => {
    const { issueId, revision } = await question();
    await signal(issueId, 'approve', '--input', `{"revision":"${revision}","upTo":2}`);
    await until('the second question', async () => {
      const { stage, approval } = await stack.progress(issueId);
      return stage === 'awaiting-approval' && approval.upTo === 2;
    });
    expect(stack.sent(`${issueId}-`)).toEqual(ids(`${issueId}-`, 2));
    await signal(issueId, 'approve', '--input', `{"revision":"${revision}"}`);
    await stack.untilDone(issueId);
    expect(stack.sent(`${issueId}-`)).toEqual(ids(`${issueId}-`, 3));
  });
});

it('An approve that means no, cannot be decoded or is not JSON decides nothing, and the run continues', async () => {
  const { issueId, revision } = await question();
  const cannot = 'its content cannot be decoded; send JSON, and put any other text into {"reason":"…"}';
  const no =
    'its content means no; use the signal reject to reject, and put any other text into {"reason":"…"}';
  const given: [string[], string][] = [
    [['--input', 'false'], no],
    [['--input', '"no"'], no],
    [['--input', '"reject"'], no],
    [['--input', JSON.stringify('"no"')], no],
    [['--input', '{"approved":false}'], no],
    [['--input', '{"decision":"reject"}'], no],
    [['--input', 'x', '--input-meta', 'encoding=binary/plain'], cannot],
    [['--input', '{"by":"ann"}', '--input-meta', 'encoding=foo'], cannot],
    [['--input', '{"upTo":0}'], 'expected upTo to be a whole number from 1'],
    [['--input', '{"approved":"yes"}'], 'expected approved to be true'],
    [['--input', '1'], 'got a number'],
    [['--input', '"looks good"'], 'put any other text into {"reason":"…"}'],
    [['--input', '{"by":"ann"}', '--input', 'false'], 'expected one argument, got 2'],
    [['--input', '{"revision":"000000000000","by":"bob"}'], 'is kept for revision 000000000000'],
  ];
  for (const [index, [input, why]] of given.entries()) {
    expect(await signal(issueId, 'approve', ...input)).toMatchObject({ code: 0 });
    const { log } = await logged(issueId, index + 1);
    expect(log.at(-1)?.text).toContain(why);
  }
  for (const notJson of ['approve', '{"approved":']) {
    expect(await signal(issueId, 'approve', '--input', notJson)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is not valid JSON'),
    });
  }
  expect(await stack.progress(issueId)).toMatchObject({ stage: 'awaiting-approval', approval: { upTo: 0 } });
  expect(stack.sent(`${issueId}-`)).toEqual([]);
  await signal(issueId, 'approve', '--input', `{"revision":"${revision}"}`);
  await stack.untilDone(issueId);
  expect(stack.sent(`${issueId}-`)).toHaveLength(3);
});

it.each([
  ['no input', []],
  ['an object', ['--input', '{"by":"ann","reason":"wrong class"}']],
  ['content that cannot be decoded', ['--input', 'x', '--input-meta', 'encoding=foo']],
])('A reject that the Temporal CLI sends ends the export when it has %s', async (_, input) => {
  const { issueId, revision } = await question();
  expect(await signal(issueId, 'reject', ...input)).toMatchObject({ code: 0 });
  await stack.untilDone(issueId);
  expect(await stack.reportHead(issueId, revision)).toMatchObject({
    outcome: 'rejected',
    counts: { withheld: 3 },
  });
  expect(stack.sent(`${issueId}-`)).toEqual([]);
});

it.each([
  ['-i true', 'json/plain', 'true'],
  ['-i with an object', 'json/plain', '{"approved":true}'],
  ['-i "approve"', 'json/plain', '"approve"'],
  ['-i null', 'binary/null', undefined],
  ['no -i', undefined, undefined],
])('tctl approves with %s', async (_, encoding, data) => {
  const { issueId } = await question();
  const metadata = encoding === undefined ? undefined : { encoding: Buffer.from(encoding) };
  await stack.client().workflowService.signalWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: exportWorkflowId(issueId) },
    signalName: 'approve',
    identity: 'tctl@host',
    ...(metadata
      ? { input: { payloads: [{ metadata, ...(data === undefined ? {} : { data: Buffer.from(data) }) }] } }
      : {}),
  });
  await stack.untilDone(issueId);
  expect(stack.sent(`${issueId}-`)).toHaveLength(3);
});

/** An issue of its own whose export waits for a decision. */
async function question(): Promise<{ issueId: string; revision: string; sha256: string }> {
  const issueId = `asks-${(asked += 1)}`;
  const { body } = await stack.post(exportBody(issueId, ids(`${issueId}-`, 3)));
  await stack.untilStage(issueId, 'awaiting-approval');
  const [entry] = await stack.inbox(issueId);
  return { issueId, revision: String(body['revision']), sha256: entry?.request.sha256 ?? '' };
}

function logged(issueId: string, count: number): Promise<Progress> {
  return until(`${count} entries in the log`, async () => {
    const seen = await stack.progress(issueId);
    return seen.log.length === count && seen;
  });
}
