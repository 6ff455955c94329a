import { createHash } from 'node:crypto';
import { exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';

let stack: Stack;

beforeAll(async () => {
  const often = ['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=80'];
  stack = await (
    await Stack.create({ CHUNK_LABELS: '5', CHUNKS_IN_FLIGHT: '4', APPROVAL_THRESHOLD: '250' }, often)
  ).startAll();
}, 60_000);

afterAll(() => stack.stop());

it('A run that continues as new keeps queue, cursor, question, early decisions and pause, and sends no label twice', async () => {
  const first = await stack.post(exportBody('long', ids('l-', 300)));
  const asking = await stack.untilStage('long', 'awaiting-approval');
  const queuedBody = JSON.stringify(exportBody('long', ids('q-', 260), { project: 'other-scenes' }));
  const second = await stack.post(queuedBody);
  await stack
    .workflow('long')
    .signal('approve', { revision: createHash('sha256').update(queuedBody).digest('hex'), by: 'early' });
  await untilContinued('while it asks', 'noise');
  expect(await stack.untilStage('long', 'awaiting-approval')).toMatchObject({
    queued: 1,
    revision: first.body['revision'],
    approval: { upTo: 0, expiresAt: asking.approval.expiresAt },
  });
  await stack.workflow('long').signal('approve', { revision: first.body['revision'] });
  await until('half of it', () => stack.sent('l-').length >= 150);
  await stack.workflow('long').signal('pause', { by: 'ann' });
  await stack.untilStage('long', 'paused');
  const paused = await stack.progress('long');
  const sentBefore = stack.sent('l-').length;
  expect(sentBefore).toBe(paused.labels.relabeled);
  await untilContinued('while it is paused', 'noise');
  expect(await stack.untilStage('long', 'paused')).toMatchObject({
    queued: 1,
    labels: paused.labels,
    pausedBecause: paused.pausedBecause,
  });
  expect(stack.sent('l-')).toHaveLength(sentBefore);
  await stack.workflow('long').signal('resume');
  await stack.untilDone('long');
  expect(stack.sent('l-').sort()).toEqual(ids('l-', 300).sort());
  expect(stack.sent('q-').sort()).toEqual(ids('q-', 260).sort());
  expect(await stack.reportHead('long', first.body['revision'])).toMatchObject({
    outcome: 'completed',
    counts: { planned: 300, relabeled: 300 },
  });
  expect(await stack.reportHead('long', second.body['revision'])).toMatchObject({
    outcome: 'completed',
    counts: { planned: 260, relabeled: 260 },
  });
  expect(await runs()).toBeGreaterThan(5);
}, 150_000);

/** Signals until another run continues the export. */
async function untilContinued(when: string, signal: string): Promise<void> {
  const runId = await currentRun();
  await until(`another run ${when}`, async () => {
    await Promise.all(Array.from({ length: 10 }, () => stack.workflow('long').signal(signal)));
    return (await currentRun()) !== runId;
  });
}

async function currentRun(): Promise<string> {
  return (await stack.workflow('long').describe()).runId;
}

async function runs(): Promise<number> {
  return (
    await stack.client().workflow.count('WorkflowId="export-issue-long" AND ExecutionStatus="ContinuedAsNew"')
  ).count;
}
