import { request } from 'undici';
import { checkPausedRuns } from '../../src/cli/doctor/check-paused-runs';
import { readWorkflowStatus } from '../../src/gateway/dispatch/workflow-status';
import type { ExportDetail, ExportList } from '../../src/gateway/api/operator-api';
import { temporalRefusal } from '../../src/gateway/api/runs/temporal-refusal';
import { runProgram } from '../../src/processes/run-program';
import { connectClient } from '../../src/temporal/connection';
import { exportWorkflowId } from '../../src/temporal/names';
import { exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';

let stack: Stack;

beforeAll(async () => {
  stack = await Stack.create({ APPROVAL_THRESHOLD: '5', CHUNK_LABELS: '2' }, [
    '--dynamic-config-value',
    'frontend.WorkflowPauseEnabled=true',
  ]);
  await stack.startAll();
}, 60_000);

afterAll(() => stack?.stop());

async function ask(method: 'GET' | 'POST', path: string, body?: object) {
  const answer = await request(`${stack.url}/api${path}`, {
    method,
    headers: { authorization: 'Bearer token-of-ann', 'content-type': 'application/json' },
    body: body ? JSON.stringify(body) : null,
  });
  return { status: answer.statusCode, body: (await answer.body.json()) as Record<string, unknown> };
}

async function findingsAbout(issueId: string) {
  const temporal = connectClient(stack.target);
  try {
    const findings = await checkPausedRuns({ temporal: () => temporal } as never);
    return findings.filter(({ about }) => about?.['workflowId'] === exportWorkflowId(issueId));
  } finally {
    await temporal.connection.close();
  }
}

/** Runs a command that Requeue prints, as an operator does. */
async function runPrinted(command: string): Promise<void> {
  const cli = process.env['TEMPORAL_CLI'] ?? 'temporal';
  const script = `temporal() { '${cli}' "$@" --address ${stack.target.address}; }; ${command}`;
  expect(await runProgram('sh', ['-c', script], 30_000)).toMatchObject({ code: 0 });
}

it('A run that Temporal itself paused is open: it can be stopped, and every other answer has the command that unpauses it', async () => {
  const issueId = "it's paused";
  const { body } = await stack.post(exportBody(issueId, ids('paused-', 6)));
  const { revision } = await stack.untilStage(issueId, 'awaiting-approval');
  const at = `/exports/${encodeURIComponent(issueId)}`;
  const workflowId = exportWorkflowId(issueId);
  const { runId } = await stack.workflow(issueId).describe();
  await stack.temporal('workflow', 'pause', '-w', workflowId, '--reason', 'upgrade');
  await until('the pause', async () => (await stack.workflow(issueId).describe()).status.name === 'PAUSED');

  const listed = await until('the pause in the list', async () => {
    const list = (await ask('GET', '/exports?stage=awaiting-approval')).body as unknown as ExportList;
    return list.exports[0]?.pausedInTemporal && list;
  });
  expect(listed).toMatchObject({
    exports: [{ issueId, stage: 'awaiting-approval', isOpen: true, pausedInTemporal: true }],
    warnings: [],
  });
  const unpause = `temporal workflow unpause -w 'export-issue-it'\\''s paused'`;
  const refused = {
    status: 409,
    body: {
      error: 'paused-in-temporal',
      message: `Conflict: Temporal itself paused this run. Unpause it: ${unpause}`,
    },
  };
  expect(await ask('GET', at)).toEqual(refused);
  expect(await ask('POST', `${at}/decision`, { decision: 'approve', revision })).toEqual(refused);
  expect(await ask('POST', `${at}/resume`)).toEqual(refused);
  const updateError: unknown = await stack
    .workflow(issueId)
    .executeUpdate('decide', { args: [{}] })
    .catch((error: unknown) => error);
  expect(temporalRefusal(updateError).code).toBe('paused-in-temporal'); // as if it was paused after the query
  const pauses = await until('the finding', async () => {
    const found = await findingsAbout(issueId);
    return found.length > 0 && found;
  });
  expect(pauses).toMatchObject([
    {
      state: 'wrong',
      says: expect.stringContaining('(“upgrade”); it does nothing.'),
      todo: `${unpause} --address ${stack.target.address}`,
    },
  ]);
  expect(await readWorkflowStatus(stack.client(), issueId, runId, 5000)).toEqual({ kind: 'running', runId });

  expect(await ask('POST', `${at}/pause`, { reason: 'wait' })).toMatchObject({
    status: 202,
    body: { message: expect.stringMatching(/Temporal itself paused this run and keeps the request/) },
  });
  expect(await ask('POST', `${at}/cancel`)).toMatchObject({ status: 202 });
  await runPrinted(unpause);
  await stack.untilDone(issueId);
  expect(await stack.reportHead(issueId, body['revision'])).toMatchObject({
    outcome: 'cancelled',
    log: expect.arrayContaining([
      expect.objectContaining({ text: 'Paused by ann (token) through the API ("wait").' }),
    ]),
  });
  expect(stack.sent('paused-')).toEqual([]);
});

it('An export shows which activity fails, why, and when it is tried again; an activity paused in Temporal is shown with the command', async () => {
  const issueId = 'fails';
  const show = async () => (await ask('GET', `/exports/${issueId}`)).body as unknown as ExportDetail;
  await stack.fault({ kind: 'status', status: 503 });
  await stack.post(exportBody(issueId, ids('fails-', 4)));
  const [waiting] = await until('the second failure', async () => {
    const { pending } = await show();
    return pending.some(({ state, attempt }) => state === 'waiting' && attempt >= 3) && pending;
  });
  expect(waiting).toMatchObject({
    activity: 'relabelChunk',
    lastFailure: expect.stringContaining('503'),
    nextAttemptAt: expect.stringMatching(/^20\d\d-.+Z$/),
  });
  const activityId = waiting?.activityId ?? '';
  await stack.temporal('activity', 'pause', '-w', exportWorkflowId(issueId), '-a', activityId);
  const paused = await until('the pause', async () => {
    const [pending] = (await show()).pending;
    return pending?.state === 'paused' && pending;
  });
  const unpause = `temporal activity unpause -w 'export-issue-fails' -a '${activityId}'`;
  expect(paused).toMatchObject({ activityId, unpauseWith: unpause });
  const findings = await until('the finding', async () => {
    const found = await findingsAbout(issueId);
    return found.length > 0 && found;
  });
  expect(findings).toMatchObject([
    {
      state: 'wrong',
      says: expect.stringContaining('The activity relabelChunk of export-issue-fails is paused'),
      todo: `${unpause} --address ${stack.target.address}`,
    },
  ]);
  await stack.clearFaults();
  await runPrinted(unpause);
  await stack.untilDone(issueId);
  expect((await show()).pending).toEqual([]);
  expect(stack.requeued('fails-')).toEqual(ids('fails-', 4));
});
