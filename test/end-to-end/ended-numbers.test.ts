import { request } from 'undici';
import type { ExportDetail } from '../../src/gateway/api/operator-api';
import { exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';

let stack: Stack;

beforeAll(async () => {
  stack = await (await Stack.create({ CHUNK_LABELS: '10', APPROVAL_THRESHOLD: '50' })).startAll();
}, 60_000);

afterAll(() => stack.stop());

async function show(issueId: string): Promise<ExportDetail> {
  const { body } = await request(`${stack.url}/api/exports/${issueId}`, {
    headers: { authorization: 'Bearer token-of-ann' },
  });
  return (await body.json()) as ExportDetail;
}

/** Chunks and approval of an ended export, which every part shows alike. */
async function endedNumbers(issueId: string, revision: unknown) {
  await stack.untilDone(issueId);
  await stack.workflow(issueId).result();
  const progress = await stack.progress(issueId);
  const shown = await show(issueId);
  expect({ chunks: shown.chunks, approval: shown.approval, labels: shown.labels }).toEqual({
    chunks: progress.chunks,
    approval: { needed: progress.approval.needed, upTo: progress.approval.upTo },
    labels: progress.labels,
  });
  expect((await stack.reportHead(issueId, revision))?.chunks).toEqual(progress.chunks);
  return { chunks: shown.chunks, ...shown.approval };
}

it('A completed export has the same chunks in query, API and report', async () => {
  const { body } = await stack.post(exportBody('small', ids('s-', 25)));
  expect(await endedNumbers('small', body['revision'])).toEqual({
    chunks: { total: 3, done: 3 },
    needed: false,
    upTo: 25,
  });
});

it('A rejected export has no approved labels anywhere', async () => {
  const { revision } = (await stack.post(exportBody('no', ids('n-', 51)))).body;
  await stack.untilStage('no', 'awaiting-approval');
  await stack.workflow('no').signal('reject', { by: 'ann' });
  expect(await endedNumbers('no', revision)).toEqual({
    chunks: { total: 6, done: 0 },
    needed: true,
    upTo: 0,
  });
});

it('An export whose rest was rejected has the labels that were approved, and the chunks that were sent', async () => {
  const { revision } = (await stack.post(exportBody('part', ids('p-', 60)))).body;
  await stack.untilStage('part', 'awaiting-approval');
  await stack.workflow('part').signal('approve', { upTo: 20 });
  await until('the second question', async () => (await stack.progress('part')).approval.question === 2);
  await stack.workflow('part').signal('reject', { revision });
  expect(await endedNumbers('part', revision)).toEqual({
    chunks: { total: 6, done: 2 },
    needed: true,
    upTo: 20,
  });
});

it('An export that was cancelled before an answer still says that it needed approval', async () => {
  const { revision } = (await stack.post(exportBody('stop', ids('c-', 51)))).body;
  await stack.untilStage('stop', 'awaiting-approval');
  await stack.workflow('stop').cancel();
  await stack
    .workflow('stop')
    .result()
    .catch(() => undefined);
  const { chunks, approval } = await show('stop');
  expect({ chunks, approval }).toEqual({
    chunks: { total: 6, done: 0 },
    approval: { needed: true, upTo: 0 },
  });
  expect((await stack.reportHead('stop', revision))?.chunks).toEqual(chunks);
});
