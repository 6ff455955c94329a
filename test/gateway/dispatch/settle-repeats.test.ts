import type { TestWorkflowEnvironment } from '@temporalio/testing';
import pino from 'pino';
import type { ExportRequest } from '../../../src/domain/request';
import { settleRepeats } from '../../../src/gateway/dispatch/settle-repeats';
import { TemporalWatch } from '../../../src/gateway/dispatch/temporal-watch';
import { reportKey } from '../../../src/payloads/keys';
import type { PayloadStore } from '../../../src/payloads/payload-store';
import { readReportHead, type ReportHead } from '../../../src/payloads/report-head';
import { exportWorkflowId, mainTaskQueue, workflowType } from '../../../src/temporal/names';
import { tempFolder } from '../../payloads/temp-folder';
import { beforeEachCommit } from '../../support/before-each-commit';
import { putReport } from '../../support/put-report';
import { aRequest } from '../../support/requests';
import { startTemporal } from '../../support/harness/temporal';
import { createDispatcherHarness, type DispatcherHarness, shortTimes } from './dispatcher-harness';

const parent = tempFolder();
let env: TestWorkflowEnvironment;
let harness: DispatcherHarness;
let issues = 0;
/** A separate issue for each test, since they share a server. */
let issueId: string;

beforeAll(async () => {
  env = await startTemporal();
});
afterAll(() => env?.teardown());

beforeEach(() => {
  harness = createDispatcherHarness(parent);
  issueId = `issue ${(issues += 1)}`;
});
afterEach(() => harness.close());

const logger = pino({ level: 'silent' });
const refOf = ({ revision }: ExportRequest, attempt = 1) => ({ issueId, revision, attempt });

/** Settles a batch as a gateway with this store does. @returns the requests that need a run. */
function settle(batch: readonly ExportRequest[], store: PayloadStore = harness.store) {
  const times = shortTimes;
  const watch = new TemporalWatch({
    client: env.client,
    logger,
    times,
    onReturn: () => undefined,
    onNewDatabase: async () => undefined,
  });
  const deps = {
    store,
    client: env.client,
    logger,
    watch,
    times,
    signal: new AbortController().signal,
  };
  return settleRepeats(deps, batch);
}

/** Writes the report of an ended request. */
async function reported(change: Partial<ReportHead> = {}, attempt = 1): Promise<ExportRequest> {
  const request = aRequest({ issueId });
  await putReport(harness.store, request, { attempt, ...change });
  return request;
}

const namedIn = async (request: ExportRequest, attempt = 1) =>
  (await readReportHead(harness.store, refOf(request, attempt)))?.requests;

it('Repeats of a completed export are named in its report, and leave the inbox without a run', async () => {
  const completed = await reported();
  const batch = [await harness.entry({ issueId }), await harness.entry({ issueId })];
  expect(await settle(batch)).toEqual([]);
  expect(await namedIn(completed)).toEqual([completed, ...batch].map(({ requestId }) => requestId));
  for (const request of batch) expect(await harness.read(request)).toBeUndefined();
});

it.each(['rejected', 'expired', 'cancelled', 'superseded', 'failed', 'completed-with-problems'] as const)(
  'A repeat after an export that ended as %s needs a run',
  async (outcome) => {
    const ended = await reported({ outcome });
    const repeat = await harness.entry({ issueId });
    expect(await settle([repeat])).toEqual([repeat]);
    expect(await namedIn(ended)).toEqual([ended.requestId]);
  },
);

it('A forced request, and a repeat after a later attempt that was not completed, need a run', async () => {
  await reported();
  const forced = await harness.entry({ issueId, force: true });
  expect(await settle([forced])).toEqual([forced]);
  await reported({ outcome: 'cancelled' }, 2);
  const repeat = await harness.entry({ issueId });
  expect(await settle([repeat])).toEqual([repeat]);
});

it('A repeat needs a run while a run of the issue is open', async () => {
  await reported();
  const repeat = await harness.entry({ issueId });
  const handle = await env.client.workflow.start(workflowType, {
    workflowId: exportWorkflowId(issueId),
    taskQueue: mainTaskQueue,
    args: [{ issueId }],
  });
  expect(await settle([repeat])).toEqual([repeat]);
  await handle.terminate();
  expect(await settle([repeat])).toEqual([]);
});

it('Repeats that are held, dispatched or gone are left alone', async () => {
  const completed = await reported();
  const [held, given] = [await harness.entry({ issueId }), await harness.entry({ issueId })];
  await harness.hold(held, 'A sentence.');
  await harness.markDispatched(given, 'a run of another gateway');
  expect(await settle([held, given, aRequest({ issueId })])).toEqual([]);
  expect(await namedIn(completed)).toEqual([completed.requestId]);
  expect(await harness.read(held)).toBeDefined();
  expect(await harness.read(given)).toBeDefined();
});

it.each([
  ['at the same time', false],
  ['while one of them is frozen', true],
])('Two gateways that settle two repeats %s lose none', async (_, waits) => {
  const completed = await reported();
  const [first, second] = [await harness.entry({ issueId }), await harness.entry({ issueId })];
  let other: Promise<unknown> | undefined;
  const key = reportKey(refOf(completed));
  const overtaken = beforeEachCommit(harness.store, async (committed) => {
    if (committed !== key || other) return;
    other = settle([second]); // it replaces the report while the first is about to
    if (waits) await other;
    while (!(await namedIn(completed))?.includes(second.requestId)) await new Promise(setImmediate);
  });
  await settle([first], overtaken);
  await other;
  expect((await namedIn(completed))?.toSorted()).toEqual(
    [completed, first, second].map(({ requestId }) => requestId).toSorted(),
  );
});

it('A repeat is dispatched when its report cannot be extended', async () => {
  const completed = await reported();
  const repeat = await harness.entry({ issueId });
  const full = beforeEachCommit(harness.store, async (committed) => {
    if (committed === reportKey(refOf(completed))) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  });
  await harness.dispatcher({ address: env.address, store: full }).start();
  expect(await harness.untilRunId(repeat)).toBeDefined();
});
