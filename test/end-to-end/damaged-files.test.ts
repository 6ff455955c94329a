import { copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { detailLines } from '../../src/cli/output/detail-lines';
import type { ExportDetail } from '../../src/gateway/api/operator-api';
import { exportLive } from '../../src/gateway/pages/export-page';
import { createPaths } from '../../src/gateway/pages/paths';
import { attemptFolder } from '../../src/payloads/keys';
import { exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';

let stack: Stack;

beforeAll(async () => {
  stack = await (await Stack.create({ APPROVAL_THRESHOLD: '20', CHUNK_LABELS: '10' })).startAll();
}, 60_000);
afterAll(() => stack.stop());

const path = (issueId: string, revision: string, name: string) =>
  join(stack.config.storeFolder, attemptFolder({ issueId, revision, attempt: 1 }), name);

/** Fifty of sixty labels are approved and sent; then an operator pauses the export. */
async function pausedAfterFifty(issueId: string): Promise<string> {
  const { body } = await stack.post(exportBody(issueId, ids(`${issueId}-`, 60)));
  const revision = String(body['revision']);
  await stack.untilStage(issueId, 'awaiting-approval');
  await stack.workflow(issueId).signal('approve', { revision, upTo: 50 });
  await until('the question about the rest', async () => {
    const { stage, approval } = await stack.progress(issueId);
    return stage === 'awaiting-approval' && approval.upTo === 50;
  });
  await stack.workflow(issueId).signal('pause');
  await stack.untilStage(issueId, 'paused');
  await stack.workflow(issueId).signal('approve', { revision });
  return revision;
}

/** Waits until the service's pause states this. */
async function untilPausedBecause(issueId: string, words: string): Promise<void> {
  await until(`${issueId} to be paused because ${words}`, async () =>
    (await stack.progress(issueId)).pausedBecause?.includes(words),
  );
}

it('Labels of another export that were copied over an approved plan are not sent; once restored, the rest is', async () => {
  const other = await stack.post(exportBody('other', ids('other-', 60)));
  await stack.untilStage('other', 'awaiting-approval');
  const revision = await pausedAfterFifty('mine');
  const labels = path('mine', revision, 'labels.ndjson');
  copyFileSync(labels, `${labels}.backup`);
  copyFileSync(path('other', String(other.body['revision']), 'labels.ndjson'), labels);
  await stack.workflow('mine').signal('resume');
  await untilPausedBecause('mine', `labels.ndjson of attempt 1 at revision ${revision} was changed`);
  expect(stack.sent('other-')).toEqual([]);
  expect(stack.sent('mine-')).toHaveLength(50);
  renameSync(`${labels}.backup`, labels);
  await stack.workflow('mine').signal('resume');
  await stack.untilDone('mine');
  expect(stack.requeued('mine-').toSorted()).toEqual(ids('mine-', 60).toSorted());
});

it('Receipts that are lost during a pause stop the next call, and the report shows their labels as unconfirmed', async () => {
  const revision = await pausedAfterFifty('lost');
  rmSync(path('lost', revision, 'receipts'), { recursive: true });
  await stack.workflow('lost').signal('resume');
  await untilPausedBecause('lost', 'has no receipt of labels 1-50');
  await stack.workflow('lost').cancel();
  await stack.untilDone('lost');
  expect(await stack.reportHead('lost', revision)).toMatchObject({
    outcome: 'cancelled',
    counts: { planned: 60, unconfirmed: 50, withheld: 10 },
  });
  expect(stack.sent('lost-')).toHaveLength(50);
});

it.each(['missing', 'changed'])(
  'A waiting export whose plan is %s says so, names the file and offers no approval',
  async (state) => {
    const issueId = `plan-${state}`;
    const { body } = await stack.post(exportBody(issueId, ids(`${issueId}-`, 60)));
    const revision = String(body['revision']);
    await stack.untilStage(issueId, 'awaiting-approval');
    const plan = path(issueId, revision, 'plan.json');
    copyFileSync(plan, `${plan}.backup`);
    if (state === 'missing') rmSync(plan);
    else writeFileSync(plan, '{"labels":1}');
    const shown = (await stack.ask('GET', `/api/exports/${issueId}`)).body as unknown as ExportDetail;
    const key = `${attemptFolder({ issueId, revision, attempt: 1 })}plan.json`;
    expect(shown.planFault).toBe(`The plan ${state === 'missing' ? 'is missing' : 'was changed'}: ${key}.`);
    const lines = detailLines(shown).join('\n');
    expect(lines).toContain(shown.planFault);
    expect(lines).toContain('Restore that file from the backup, or reject the export and ask again.');
    const page = String(await exportLive(createPaths(stack.url), shown));
    expect(page).toContain(shown.planFault);
    expect(lines).toContain('requeue reject');
    expect(page).toContain('value="reject"');
    expect(lines).not.toContain('requeue approve');
    expect(page).not.toContain('value="approve"');
    renameSync(`${plan}.backup`, plan);
    const restored = (await stack.ask('GET', `/api/exports/${issueId}`)).body as unknown as ExportDetail;
    expect(restored.planFault).toBeUndefined();
    expect(String(await exportLive(createPaths(stack.url), restored))).toContain('value="approve"');
  },
);
