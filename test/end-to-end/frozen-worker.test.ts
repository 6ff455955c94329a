import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import type { Receipt } from '../../src/domain/receipt';
import { receiptsFolder } from '../../src/payloads/keys';
import { receiptFiles, readReceipt } from '../../src/payloads/receipts';
import { exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';

let stack: Stack;

beforeAll(async () => {
  stack = await (await Stack.create({ CHUNK_LABELS: '10' })).startAll();
}, 60_000);

afterAll(() => stack.stop());

/** How many calls reached the sandbox, also those that it has not answered. */
async function receivedCalls(): Promise<number> {
  const { body } = await request(`${stack.sandbox.url}/faults`);
  return ((await body.json()) as { calls: number }).calls;
}

it('A worker that was frozen past the heartbeat time-out wakes up, and every label that was sent twice is repeated', async () => {
  await stack.stopWorker();
  const frozen = stack.startWorkerProcess();
  await stack.fault({ kind: 'slow', delayMs: 1500 }); // long enough to freeze the worker during its calls
  const { body } = await stack.post(exportBody('frozen', ids('f-', 200)));
  const ref = { issueId: 'frozen', revision: String(body['revision']), attempt: 1 };
  const names = () => readdirSync(join(stack.folder, receiptsFolder(ref)));
  const inFlight = () =>
    names()
      .filter((name) => name.endsWith('.sent'))
      .map((name) => name.replace('.sent', ''))
      .filter((range) => !names().includes(`${range}.json`));
  const ranges = await until('calls in flight', async () => {
    const [calls, open] = [await receivedCalls(), inFlight()];
    return open.length >= 4 && calls >= names().length - open.length && open;
  });
  process.kill(frozen.pid, 'SIGSTOP');
  const frozenAt = new Date().toISOString();
  await until('the effects of its calls', () => stack.requeued('f-').length >= 20);
  await stack.clearFaults();
  await stack.startWorker();
  const receiptsOf = async (wanted: readonly string[]): Promise<Receipt[]> => {
    const files = (await receiptFiles(stack.store, ref)).filter(({ kind }) => kind === 'receipt');
    return Promise.all(
      files
        .filter(({ from, to }) => wanted.includes(`${from}-${to}`))
        .map((file) => readReceipt(stack.store, ref, file)),
    );
  };
  await until('the first receipt of the second worker', async () => (await receiptsOf(ranges)).length > 0);
  await stack.workflow('frozen').signal('pause', 'so that the late answers come before the report');
  const second = await until(
    'the receipts of the second worker',
    async () => (await receiptsOf(ranges)).length === ranges.length && (await receiptsOf(ranges)),
  );
  expect(second.map(({ repeated }) => repeated)).toEqual(ranges.map(() => true));

  process.kill(frozen.pid, 'SIGCONT');
  // a joined receipt has the time of the first call
  const joined = await until('the late answers', async () => {
    const late = (await receiptsOf(ranges)).filter(({ sentAt }) => sentAt < frozenAt);
    return late.length > 0 && late;
  });
  expect(joined.map(({ repeated }) => repeated)).toEqual(joined.map(() => true));
  await stack.workflow('frozen').signal('resume');
  await stack.untilDone('frozen');
  const { labels, outcome } = await stack.report('frozen', body['revision']);
  const sent = stack.sent('f-');
  const twice = new Set(sent.filter((id, at) => sent.indexOf(id) !== at));
  const repeated = new Set(labels.filter((label) => label.repeated).map(({ labelId }) => labelId));
  expect(outcome).toBe('completed');
  expect(new Set(sent)).toEqual(new Set(ids('f-', 200)));
  expect(twice.size).toBeGreaterThan(0);
  expect([...twice].filter((id) => !repeated.has(id))).toEqual([]);
}, 150_000);
