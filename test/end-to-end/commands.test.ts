import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportDetail, ExportList, FoundLabel } from '../../src/gateway/api/operator-api';
import type { Progress } from '../../src/workflows/messages';
import { requeue } from '../cli/run-requeue';
import { signIn, submit } from '../gateway/pages/browse';
import { exportBody } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';

const issue = 'people/in "charge"';
const labels = Array.from({ length: 12 }, (_, index) => `label-${index}`);
let stack: Stack;

beforeAll(async () => {
  stack = await (await Stack.create({ APPROVAL_THRESHOLD: '5', CHUNK_LABELS: '4' })).startAll();
});

afterAll(() => stack.stop());

function run(...args: string[]) {
  return requeue(args, { PORT: String(stack.config.gateway.port), REQUEUE_TOKEN: 'token-of-ann' });
}

/** Waits without a process of its own for each look. */
function untilProgress(issueId: string, what: string, is: (progress: Progress) => boolean): Promise<boolean> {
  return until(`${issueId}: ${what}`, async () => is(await stack.progress(issueId)));
}

async function json<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(...args, '--json');
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}

it('An operator lists, shows, approves in part and whole, watches to the end, fetches the report, and finds a label', async () => {
  const { body } = await stack.post(exportBody(issue, labels));
  const revision = String(body['revision']);
  await untilProgress(issue, 'the question', ({ approval }) => approval.question === 1);
  expect(await json<ExportDetail>('show', issue)).toMatchObject({
    revision,
    stage: 'awaiting-approval',
    plan: { labels: 12, calls: 3 },
  });
  const row = await until('the row', async () => {
    const { exports } = await json<ExportList>('list', '--stage', 'awaiting-approval', '--issue', 'people');
    return exports[0];
  });
  expect(row).toMatchObject({ issueId: issue, project: 'street-scenes', isOpen: true });

  const wrong = await run('approve', issue, '--revision', 'ffffffffffff');
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain('ffffffffffff');
  expect(wrong.stderr).toContain(revision);
  const watching = run('show', issue, '--watch');
  const some = await run('approve', issue, '--yes', '--up-to', '3', '--reason', 'a look first');
  expect(some).toMatchObject({ code: 0 });
  expect(some.stderr).toContain('12 labels of 12 elements');
  await untilProgress(issue, 'the question about the rest', ({ approval }) => approval.question === 2);
  const { stdout: rest } = await run('show', issue);
  expect(rest).toContain('Send labels 4 to 12 back to labeling?');
  expect(stack.requeued()).toEqual(labels.slice(0, 3));
  const [, command] = /^ {2}(requeue approve .*)$/m.exec(rest) ?? [];
  expect(command).toBe(`requeue approve 'people/in "charge"' --revision ${revision}`);
  expect(await run('approve', issue, '--revision', revision)).toMatchObject({ code: 0, stderr: '' });

  const watched = await watching;
  expect(watched).toMatchObject({ code: 0, stderr: '' });
  expect(watched.stdout).toMatch(new RegExp(`completed, 12 of 12 labels of revision ${revision}\\n$`));
  expect(stack.requeued().toSorted()).toEqual(labels.toSorted());

  const out = join(stack.folder, 'report.csv');
  expect(await run('report', issue, '--csv', '--out', out)).toMatchObject({ code: 0, stdout: '' });
  const rows = readFileSync(out, 'utf8').trim().split(/\r?\n/);
  expect(rows).toHaveLength(13);

  const { exports: found } = await json<{ exports: FoundLabel[] }>('find', 'label-2');
  expect(found).toEqual([
    expect.objectContaining({
      issueId: issue,
      revision,
      position: 3,
      outcome: 'relabeled',
      decision: 'ann (token)',
      elementCount: 1,
      elements: [{ element: 2, elementId: 'label-2' }],
    }),
  ]);
  const { stdout } = await run('show', issue);
  expect(stdout).toContain(`ann: approve ${revision} up to 3, “a look first”`);
  expect(await run('approve', issue, '--revision', revision)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('has ended') as string,
  });
});

it('An operator pauses, resumes and cancels an export', async () => {
  const { body } = await stack.post(
    exportBody(
      'steered',
      labels.map((label) => `${label}-b`),
    ),
  );
  await untilProgress('steered', 'the question', ({ approval }) => approval.question === 1);
  expect(await run('pause', 'steered', '--reason', 'lunch')).toMatchObject({ code: 0 });
  await stack.untilStage('steered', 'paused');
  expect(await run('resume', 'steered')).toMatchObject({ code: 0 });
  await stack.untilStage('steered', 'awaiting-approval');
  expect(await run('resume', '--destination', 'labelbox')).toMatchObject({
    code: 0,
    stdout:
      'Resumed labelbox, and 0 exports that waited for it. Exports that an operator paused stay paused.\n',
  });
  expect(await run('cancel', 'steered', '--yes', '--reason', 'by mistake')).toMatchObject({ code: 0 });
  const ended = await run('show', 'steered', '--watch');
  expect(ended).toMatchObject({ code: 1, stderr: 'The export ended as cancelled.\n' });
  expect(ended.stdout).toContain('ann: pause, “lunch”');
  expect(stack.requeued()).not.toContain('label-0-b');
  expect((await stack.reportHead('steered', body['revision']))?.log.map(({ text }) => text)).toEqual([
    'Paused by ann (token) with a requeue command ("lunch").',
    'Resumed by ann (token) with a requeue command.',
    'Cancel requested by ann (token) with a requeue command ("by mistake").',
    expect.stringMatching(/^Cancelled: It was cancelled by ann \(token\) with a requeue command/),
  ]);
});

it('What an operator does on the page is logged as done on the page', async () => {
  const { port } = stack.config.gateway;
  const { revision } = (await stack.post(exportBody('clicked', ['c-1', 'c-2', 'c-3', 'c-4', 'c-5', 'c-6'])))
    .body;
  await untilProgress('clicked', 'the question', ({ approval }) => approval.question === 1);
  const cookie = await signIn(port, 'token-of-ann');
  const click = (action: string, fields: Record<string, string>) =>
    submit(port, `/exports/clicked/${action}`, fields, cookie);
  await click('pause', { reason: 'lunch' });
  await untilProgress('clicked', 'the pause', ({ log }) => log.some(({ text }) => text.includes('(token)')));
  await click('resume', {});
  await stack.untilStage('clicked', 'awaiting-approval');
  await click('decision', { decision: 'reject', revision: String(revision), reason: 'wrong class' });
  await stack.untilDone('clicked');
  expect((await stack.reportHead('clicked', revision))?.log.map(({ text }) => text)).toEqual([
    'Paused by ann (token) on the page ("lunch").',
    'Resumed by ann (token) on the page.',
    'Rejected: Rejection by ann (token) on the page ("wrong class").',
  ]);
});
