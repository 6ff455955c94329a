import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { bundleWorkflow, workflowBundle } from '../support/harness/temporal';
import { scenarios, slowScenarios } from '../support/harness/scenarios';

const folder = resolve(__dirname, '../histories');
const source = resolve(__dirname, '../../src');

it('The folder next has a history of every scenario', () => {
  const stored = readdirSync(join(folder, 'next')).map((file) => file.replace(/\.json$/, ''));
  expect(stored).toEqual(expect.arrayContaining([...Object.keys(scenarios), ...Object.keys(slowScenarios)]));
});

it.each(readdirSync(join(folder, 'next')))(
  'The history %s names no folder of the machine that recorded it',
  (file) => {
    expect(readFileSync(join(folder, 'next', file), 'utf8')).not.toMatch(/"stackTrace": "[^"]/);
  },
);

const histories = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.json'),
);

/** The error of each history, if any. One worker replays them all: creating one takes longer than replaying. */
const replayed = new Map<string, Error | undefined>();

beforeAll(async () => {
  const all = histories.map((file) => ({ workflowId: file, history: readHistory(file) }));
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle: workflowBundle() },
    all,
  ))
    replayed.set(workflowId, error);
});

it.each(histories)('The workflow replays %s', (file) => {
  expect([...replayed.keys()]).toContain(file);
  expect(replayed.get(file)).toBeUndefined();
});

it.each([
  [
    'a changed activity name',
    'workflows/steps/activity-options.ts',
    'export const { prepareExport }',
    'export const { preparePlan: prepareExport }',
    'next/completed.json',
  ],
  [
    'two swapped steps',
    'workflows/export-issue.ts',
    'while (await nextExport(run)) {',
    "while (await nextExport(run)) {\n    await reportEnding(run, { outcome: 'completed' });",
    'next/completed.json',
  ],
  [
    'a removed wait',
    'workflows/steps/approval.ts',
    'const answer = await ask(run);',
    "run.updateExport({ approvedUpTo: current.plan.labels });\n    const answer: Approval = { kind: 'approved' };",
    'next/approved.json',
  ],
])('The workflow refuses to replay after %s', async (_change, file, from, to, history) => {
  const changed = await changedBundle(file, from, to);
  await expect(replay(changed, history)).rejects.toThrow(DeterminismViolationError);
});

async function replay(bundle: WorkflowBundleOption, file: string): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle: bundle }, readHistory(file), 'export-issue-replayed');
}

function readHistory(file: string): unknown {
  return JSON.parse(readFileSync(join(folder, file), 'utf8'));
}

/** A bundle of a copy of the source in which one passage is changed. */
async function changedBundle(file: string, from: string, to: string): Promise<WorkflowBundleOption> {
  const copy = mkdtempSync(join(tmpdir(), 'requeue-changed-'));
  try {
    cpSync(source, join(copy, 'src'), { recursive: true });
    symlinkSync(resolve(source, '../node_modules'), join(copy, 'node_modules'));
    const path = join(copy, 'src', file);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain(from);
    writeFileSync(path, text.replace(from, to));
    return await bundleWorkflow(join(copy, 'src/workflows/index.ts'));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
