import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { aCrop, aLabel } from '../support/builders';
import { Stack } from '../support/harness/stack';

/** Exports whose elements Aquarium's own Python client wrote. */
const folder = resolve(__dirname, '../fixtures/client-bodies');

let stack: Stack;

beforeAll(async () => {
  stack = await (await Stack.create()).startAll();
}, 60_000);

afterAll(() => stack.stop());

it('Of everything that Aquarium’s client exports, the labels reach the labeling service, and no inference of a model does', async () => {
  const outcomes: Record<string, string> = {};
  const labelIds: string[] = [];
  for (const file of readdirSync(folder)) {
    const text = readFileSync(join(folder, file), 'utf8');
    const { issue } = JSON.parse(text) as { issue: { elements: { element_id: string }[] } };
    if (!file.startsWith('inference')) labelIds.push(...issue.elements.map((element) => element.element_id));
    const { body } = await stack.post(text);
    const issueId = body['issueId'] as string;
    await stack.untilDone(issueId);
    outcomes[file] = (await stack.report(issueId, body['revision'])).outcome;
  }
  for (const [file, outcome] of Object.entries(outcomes))
    expect([file, outcome]).toEqual([
      file,
      file.startsWith('inference') ? 'completed-with-problems' : 'completed',
    ]);
  expect(labelIds).toHaveLength(28);
  expect(stack.sent()).toEqual(labelIds);
});

it('An export whose elements disagree about a label warns its approver and its report', async () => {
  const crop = (frame: string, label: string) =>
    aCrop('shared', { frame_id: frame, labels: [aLabel('shared', { label })] });
  const issue = { id: 'disagreeing', elements: [crop('f1', 'car'), crop('f2', 'bus')] };
  const { body } = await stack.post({ event: 'issue-exported', project: 'street-scenes', issue });
  await stack.untilDone('disagreeing');
  const report = await stack.report('disagreeing', body['revision']);
  expect(report).toMatchObject({
    outcome: 'completed',
    warnings: [
      { warning: 'different-classes', labels: 1 },
      { warning: 'several-frames', labels: 1 },
    ],
  });
  expect(stack.sent('shared')).toEqual(['shared']);
});
