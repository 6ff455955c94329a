import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reportKey } from '../../src/payloads/keys';
import { exportWorkflowId } from '../../src/temporal/names';
import { exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';

let stack: Stack;

beforeAll(async () => {
  stack = await (await Stack.create({ CHUNK_LABELS: '10', APPROVAL_THRESHOLD: '50' })).startAll();
}, 60_000);

afterAll(() => stack.stop());

/** Exports a body to its end. @returns the answer to its delivery. */
async function complete(body: object): Promise<Record<string, unknown>> {
  const answer = (await stack.post(body)).body;
  const issueId = String(answer['issueId']);
  await stack.untilDone(issueId);
  await stack.workflow(issueId).result();
  await untilRuns(issueId, 1);
  return answer;
}

/** Waits until Temporal lists this many runs of the issue; it lists a run within a second. */
async function untilRuns(issueId: string, count: number): Promise<void> {
  await until(`${count} runs of ${issueId}`, async () => (await runs(issueId)) === count);
}

async function runs(issueId: string): Promise<number> {
  const query = `WorkflowId="${exportWorkflowId(issueId)}"`;
  return (await stack.client().workflow.count(query)).count;
}

const reportFile = (issueId: string, revision: unknown) =>
  join(stack.config.storeFolder, reportKey({ issueId, revision: String(revision), attempt: 1 }));

it('A repeat of a completed export is answered with duplicateOf, and its report names it without a second run', async () => {
  const body = exportBody('again', ids('a-', 25));
  const first = await complete(body);
  const repeats = await Promise.all(Array.from({ length: 40 }, () => stack.post(body)));
  for (const repeat of repeats)
    expect(repeat).toMatchObject({
      status: 202,
      body: { status: 'accepted', revision: first['revision'], duplicateOf: first['requestId'] },
    });
  const sha256 = (await stack.reportHead('again', first['revision']))?.sha256 ?? '';
  const replayed = await stack.replay(sha256);
  expect(replayed).toMatchObject({ status: 202, body: { duplicateOf: first['requestId'] } });
  await stack.untilDone('again');
  const requests = [first, ...repeats.map((repeat) => repeat.body), replayed.body].map((answer) =>
    String(answer['requestId']),
  );
  const head = await stack.reportHead('again', first['revision']);
  expect(head?.requests.toSorted()).toEqual(requests.toSorted());
  expect(head).toMatchObject({ outcome: 'completed', requestId: first['requestId'] });
  expect(await runs('again')).toBe(1);
  expect(stack.sent('a-')).toHaveLength(25);
});

it('A repeat that is accepted while Temporal is down opens no run when it is back', async () => {
  const body = exportBody('down', ids('d-', 5));
  const first = await complete(body);
  await stack.stopTemporal();
  const repeat = await stack.post(body);
  expect(repeat).toMatchObject({ status: 202, body: { duplicateOf: first['requestId'] } });
  expect(await stack.inbox('down')).toHaveLength(1);
  await stack.startTemporal();
  await stack.untilDone('down');
  expect((await stack.reportHead('down', first['revision']))?.requests).toEqual([
    first['requestId'],
    repeat.body['requestId'],
  ]);
  expect(await runs('down')).toBe(1);
}, 60_000);

it('A forced replay of a completed export sends every label again', async () => {
  const first = await complete(exportBody('forced', ids('f-', 5)));
  const sha256 = (await stack.reportHead('forced', first['revision']))?.sha256 ?? '';
  const forced = await stack.replay(sha256, { force: true });
  expect(forced.body).not.toHaveProperty('duplicateOf');
  await stack.untilDone('forced');
  expect(await stack.reportHead('forced', first['revision'], 2)).toMatchObject({ outcome: 'completed' });
  expect(stack.sent('f-')).toHaveLength(10);
});

it('A repeat after an ending without completion is a new attempt', async () => {
  const body = exportBody('rejected', ids('r-', 51));
  const first = await stack.post(body);
  await stack.untilStage('rejected', 'awaiting-approval');
  await stack.workflow('rejected').signal('reject');
  await stack.untilDone('rejected');
  const repeat = await stack.post(body);
  expect(repeat.body).not.toHaveProperty('duplicateOf');
  await stack.untilStage('rejected', 'awaiting-approval');
  expect(await stack.progress('rejected')).toMatchObject({ revision: first.body['revision'], attempt: 2 });
});

it('A repeat of an export whose report was damaged or removed is handled by a run', async () => {
  for (const [issueId, damage] of [
    ['torn', async (file: string) => writeFile(file, (await readFile(file)).subarray(0, 40))],
    ['lost', (file: string) => rm(file)],
  ] as const) {
    const body = exportBody(issueId, ids(`${issueId}-`, 5));
    const first = await complete(body);
    await damage(reportFile(issueId, first['revision']));
    const repeat = await stack.post(body);
    expect(repeat.body).not.toHaveProperty('duplicateOf');
    await stack.untilDone(issueId);
    await untilRuns(issueId, 2);
    expect(stack.sent(`${issueId}-`)).toHaveLength(5);
  }
});
