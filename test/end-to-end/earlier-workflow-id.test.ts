import { createHash } from 'node:crypto';
import { request } from 'undici';
import type { ExportDetail, ExportList } from '../../src/gateway/api/operator-api';
import { putInboxEntry, updateDispatchState } from '../../src/payloads/inbox-entry';
import { deliveryKey } from '../../src/payloads/keys';
import { writeBytes } from '../../src/payloads/small-objects';
import { earlierWorkflowId, exportWorkflowId } from '../../src/temporal/names';
import { exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { aRequest } from '../support/requests';
import { until } from '../support/until';

const issueId = '100%2e';
const earlierId = String(earlierWorkflowId(issueId));
const laterId = exportWorkflowId(issueId);
const path = `/api/exports/${encodeURIComponent(issueId)}`;
let stack: Stack;

beforeAll(async () => {
  stack = await Stack.create({ APPROVAL_THRESHOLD: '2' });
  await stack.startAll();
}, 60_000);

afterAll(() => stack?.stop());

it('An issue with a percent sign whose run an earlier version started stays with that run until it closes', async () => {
  await stack.stopGateway();
  const runId = await leaveAsEarlierVersion();
  await stack.startGateway();
  await until('the question', async () => (await show()).stage === 'awaiting-approval');
  expect(await show()).toMatchObject({ workflowId: earlierId, isOpen: true });

  const newer = await stack.post(exportBody(issueId, ids('newer-', 4)));
  await until('the newer question', async () => (await show()).revision === newer.body['revision']);
  expect((await stack.inbox(issueId)).map(({ handOver }) => handOver.runId)).toEqual([runId]);
  await expect(stack.client().workflow.getHandle(laterId).describe()).rejects.toThrow('not found');

  expect(await ask('POST', `${path}/pause`)).toMatchObject({ status: 202 });
  await until('the pause', async () => (await show()).stage === 'paused');
  expect(await ask('POST', `${path}/resume`)).toMatchObject({ status: 202 });
  const decision = { decision: 'approve', revision: newer.body['revision'] };
  expect(await ask('POST', `${path}/decision`, decision)).toMatchObject({ status: 200 });
  await stack.untilDone(issueId);
  expect(stack.sent().toSorted()).toEqual(ids('newer-', 4).toSorted());
});

it('After that run has closed, the next request starts the workflow with the hashed id, and the list has the issue once', async () => {
  await until('the run to close', async () => {
    const { status } = await stack.client().workflow.getHandle(earlierId).describe();
    return status.name === 'COMPLETED';
  });
  await untilListedOnce({ workflowId: earlierId, stage: 'completed' });
  await stack.post(exportBody(issueId, ids('next-', 2)));
  await stack.untilDone(issueId);
  expect(await stack.workflow(issueId).describe()).toMatchObject({ workflowId: laterId });
  await untilListedOnce({ workflowId: laterId, stage: 'completed', labels: { planned: 2 } });
  expect(await show()).toMatchObject({ workflowId: laterId, stage: 'completed' });
  expect(stack.sent('next-').toSorted()).toEqual(ids('next-', 2));
});

/** Stores a delivery with its inbox entry and run, as a version without hashed percent signs did. */
async function leaveAsEarlierVersion(): Promise<string> {
  const body = JSON.stringify(exportBody(issueId, ids('older-', 3)));
  const sha256 = createHash('sha256').update(body).digest('hex');
  const requested = aRequest({ issueId, sha256, revision: sha256.slice(0, 12) });
  await writeBytes(stack.store, deliveryKey(sha256), body);
  await putInboxEntry(stack.store, requested);
  const { signaledRunId } = await stack.client().workflow.signalWithStart('ExportIssue', {
    workflowId: earlierId,
    taskQueue: 'requeue',
    args: [{ issueId }],
    signal: 'exportRequested',
    signalArgs: [requested],
    searchAttributes: { AquariumIssueId: [issueId] },
  });
  await updateDispatchState(stack.store, { request: requested, handOver: { runId: signaledRunId } });
  return signaledRunId;
}

async function untilListedOnce(row: object): Promise<void> {
  await until('the row', async () => {
    const { exports } = (await ask('GET', '/api/exports')).body as ExportList;
    const [first] = exports;
    return exports.length === 1 && first?.workflowId === (row as { workflowId: string }).workflowId;
  });
  const { exports } = (await ask('GET', '/api/exports')).body as ExportList;
  expect(exports).toEqual([expect.objectContaining({ issueId, workflowId: exports[0]?.workflowId })]);
  expect(exports[0]).toMatchObject(row);
}

async function show(): Promise<ExportDetail> {
  return (await ask('GET', path)).body as ExportDetail;
}

async function ask(method: 'GET' | 'POST', at: string, body: object = {}) {
  const answer = await request(`${stack.url}${at}`, {
    method,
    headers: { authorization: 'Bearer token-of-ann' },
    body: method === 'GET' ? null : JSON.stringify(body),
  });
  return { status: answer.statusCode, body: await answer.body.json() };
}
