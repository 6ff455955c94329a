import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { request } from 'undici';
import { attemptFolder, leftOutKey, labelsKey, planKey } from '../../src/payloads/keys';
import { readBytes } from '../../src/payloads/small-objects';
import { exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { readHistoryTexts } from '../support/read-history-texts';

const example = readFileSync(resolve(__dirname, '../../examples/issue-exported.json'), 'utf8');

let stack: Stack;

beforeAll(async () => {
  stack = await (await Stack.create({ CHUNK_LABELS: '10', APPROVAL_THRESHOLD: '100' })).startAll();
}, 60_000);

afterAll(() => stack.stop());

it('Requeue sends every label of the example once, and accounts for every element in plan and report', async () => {
  const { status, body } = await stack.post(example);
  expect(status).toBe(202);
  const { issueId, revision } = body as { issueId: string; revision: string };
  await stack.untilDone(issueId);
  expect(await stack.workflow(issueId).result()).toEqual({ revision, stage: 'completed-with-problems' });
  const ref = { issueId, revision, attempt: 1 };
  const report = await stack.report(issueId, revision);
  expect(stack.sandbox.ledger()).toEqual([
    expect.objectContaining({
      projectId: 'street-scenes',
      labelIds: report.labels.map(({ labelId }) => labelId),
      applied: report.labels.map(({ labelId }) => labelId),
      makeTemplates: true,
      waitForQueue: true,
    }),
  ]);
  expect(report.labels.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 5 }, () => 'relabeled'));
  expect(report.leftOut.map(({ reason }) => reason)).toEqual(['same-label', 'frame', 'unmatched-crop']);
  expect(report.labels[0]!.elements.map(({ element }) => element)).toEqual([0, 2]);
  expect(collectElements(report)).toEqual(ids('', 8).map(Number));
  const planned = await readLines<{ labelId: string; element: number }>(labelsKey(ref));
  const leftOut = await readLines<{ element: number; reason: string }>(leftOutKey(ref));
  expect(planned.map(({ labelId }) => labelId)).toEqual(report.labels.map(({ labelId }) => labelId));
  expect(leftOut).toEqual(report.leftOut);
  expect(collectElements({ labels: planned, leftOut })).toEqual(ids('', 8).map(Number));
  expect(JSON.parse(await readText(planKey(ref)))).toMatchObject({
    requestId: body['requestId'],
    elements: 8,
    labels: 5,
  });
  expect((await stack.store.list(attemptFolder(ref))).sort()).toContain('report.csv');
});

it('The sandbox refuses a call with a key that it does not know', async () => {
  const call = await request(`${stack.sandbox.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer another-key' },
    body: JSON.stringify({ query: '{ __typename }' }),
  });
  await call.body.dump();
  expect(call.statusCode).toBe(401); // so every label of the ledger came with the right key
});

it('The history contains no element and no label id, even when the service names them in its refusals', async () => {
  await stack.fault({ kind: 'poison', labelIds: ['named-3'] });
  const { body } = await stack.post(exportBody('named', ids('named-', 25)));
  await stack.untilDone('named');
  await stack.clearFaults();
  const report = await stack.report('named', body['revision']);
  expect(report.labels.filter(({ outcome }) => outcome === 'refused').map(({ labelId }) => labelId)).toEqual([
    'named-3',
  ]);
  const inExample = JSON.parse(example) as Exported;
  const texts = [
    await readHistoryTexts(stack.workflow('named')),
    await readHistoryTexts(stack.workflow(inExample.issue.id)),
  ].join('\n');
  expect(texts).toContain('street-scenes'); // readHistoryTexts reads the payloads
  const words = [...collectWords(exportBody('named', ids('named-', 25))), ...collectWords(inExample)];
  expect(words.length).toBeGreaterThan(100);
  expect(words.filter((word) => texts.includes(word))).toEqual([]);
});

it('The export pauses after one call when the key is refused, and continues after resume', async () => {
  await stack.fault({ kind: 'refuse-key' });
  await stack.post(exportBody('refused', ids('r-', 60)));
  const paused = await stack.untilStage('refused', 'paused');
  expect(paused.pausedBecause).toContain('401');
  expect(await hitsOfFaults()).toEqual([1]);
  await stack.clearFaults();
  await stack.workflow('refused').signal('resume');
  expect(await stack.workflow('refused').result()).toMatchObject({ stage: 'completed' });
  expect(stack.sent('r-').sort()).toEqual(ids('r-', 60).sort());
});

interface Exported {
  readonly issue: { readonly id: string; readonly elements: readonly object[] };
}

/** Texts of the elements that are too long to be any other word. The name of the issue is not one of them. */
function collectWords({ issue }: Exported): string[] {
  const words = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value === 'string' && value.length >= 7) words.add(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  for (const element of issue.elements)
    collect({ ...element, issue_name: undefined, element_type: undefined });
  return [...words];
}

function collectElements({
  labels,
  leftOut,
}: {
  labels: readonly { element: number }[];
  leftOut: readonly { element: number }[];
}): number[] {
  return [...labels, ...leftOut].map(({ element }) => element).sort((a, b) => a - b);
}

async function readText(key: string): Promise<string> {
  return (await readBytes(stack.store, key)).toString('utf8');
}

async function readLines<T>(key: string): Promise<T[]> {
  return (await readText(key))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as T);
}

async function hitsOfFaults(): Promise<number[]> {
  const { body } = await request(`${stack.sandbox.url}/faults`);
  return ((await body.json()) as { faults: { hits: number }[] }).faults.map(({ hits }) => hits);
}
