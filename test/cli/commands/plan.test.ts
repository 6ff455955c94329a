import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { plan as planCommand, type PlanOptions } from '../../../src/cli/commands/plan';
import type { DryRun } from '../../../src/cli/dry-run/dry-run';
import { tempFolder } from '../../payloads/temp-folder';
import { ActivityHarness } from '../../support/harness/activity-harness';
import { aCrop, aDelivery, aFrame, anIssue, crops } from '../../support/builders';
import { hostileNames, unprintable } from '../../support/hostile-names';
import { fakePipes } from '../fake-streams';
import { requeue } from '../run-requeue';

const parent = tempFolder();
const file = join(parent, 'body.json');
const elements = [
  ...crops(250),
  aFrame('frame-1', ['a']),
  aCrop('no-match', { labels: [] }),
  { element_type: 'crop' },
  aCrop('label-0'),
];

async function planned(body: string, options: PlanOptions = {}): Promise<DryRun & { store: string | null }> {
  writeFileSync(file, body);
  const streams = fakePipes();
  await planCommand(file, { json: true, store: mkdtempSync(join(parent, 'empty-')), ...options }, streams);
  return JSON.parse(streams.out()) as DryRun & { store: string | null };
}

it('plan describes what an export would do, without a server or a store, and writes nothing', async () => {
  const place = mkdtempSync(join(parent, 'place-'));
  const example = resolve(__dirname, '../../../examples/issue-exported.json');
  const { code, stdout, stderr } = await requeue(['plan', example], {
    REQUEUE_STORE: join(place, 'none'),
    APPROVAL_THRESHOLD: '3',
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const part of [
    'revision 86d58b74b4e6',
    'There is no payload store here, so earlier exports are unknown.',
    '5 labels of 8 elements in 2 frames',
    'labelbox, project street-scenes: 1 call, no rate is configured',
    '1 same-label, 1 frame, 1 unmatched-crop',
    'No label in label_data has the uuid of the crop.',
    'Approval needed: the default route (*) asks above 3 labels.',
  ])
    expect(stdout).toContain(part);
  expect(readdirSync(place)).toEqual([]);
});

it('plan makes the same plan as the worker', async () => {
  const harness = new ActivityHarness(mkdtempSync(join(parent, 'harness-')));
  const { ref } = await harness.plan(await harness.accept(elements));
  const {
    labels,
    leftOut,
    summary,
    elements: count,
    destination,
    destinationProject,
  } = harness.planFile(ref);
  const made = await planned(aDelivery({ issue: anIssue({ elements }) }));
  expect(made).toMatchObject({
    result: 'plan',
    revision: ref.revision,
    asking: { needed: false, above: 1000, route: '*' },
  });
  expect(made).toHaveProperty(
    'plan',
    expect.objectContaining({
      labels,
      leftOut,
      summary,
      elements: count,
      destination,
      destinationProject,
      calls: 3,
    }),
  );
  const examples = Object.values((made as Extract<DryRun, { result: 'plan' }>).leftOutExamples).flat();
  expect(examples).toEqual(expect.arrayContaining(harness.leftOut(ref)));
  expect(examples).toHaveLength(4);
});

it('plan takes the earlier exports in the store into account, and changes nothing there', async () => {
  const folder = mkdtempSync(join(parent, 'harness-'));
  const harness = new ActivityHarness(folder);
  await harness.complete(await harness.accept(crops(2)));
  const before = readdirSync(folder, { recursive: true });
  const made = await planned(aDelivery({ issue: anIssue({ elements: crops(5) }) }), { store: folder });
  expect(made).toMatchObject({ store: folder, plan: { labels: 3, leftOut: { 'already-relabeled': 2 } } });
  expect(
    await planned(aDelivery({ issue: anIssue({ elements: crops(2) }) }), { store: folder }),
  ).toMatchObject({
    result: 'duplicate',
    attempt: 1,
    outcome: 'completed',
  });
  expect(readdirSync(folder, { recursive: true })).toEqual(before);
  const streams = fakePipes();
  await planCommand(file, { store: folder }, streams);
  expect(streams.out()).toContain(`Compared with the earlier exports in ${folder}.`);
  expect(streams.out()).toContain(
    'The export would send nothing: attempt 1 of this revision already ended as completed.',
  );
  expect(streams.out()).toMatch(/^To send every label again: requeue replay [0-9a-f]{64} --force$/m);
});

it('plan follows the routes of the configuration: rate, destination project, policy', async () => {
  const config = join(parent, 'config.yaml');
  writeFileSync(
    config,
    `destinations:
  - { name: slow, adapter: labelbox, address: 'https://labeling.example/graphql', key: '\${KEY}', rate: 2, chunkLabels: 10 }
routes:
  - { project: street-scenes, destination: slow, destinationProject: clx, onInvalid: fail, approval: always }
`,
  );
  writeFileSync(file, aDelivery({ issue: anIssue({ elements: crops(95) }) }));
  const plan = await requeue(['plan', file], {
    REQUEUE_CONFIG: config,
    REQUEUE_STORE: join(parent, 'none'),
  });
  expect(plan.stdout).toContain('slow, project clx: 10 calls, at least 5 seconds at the configured rate');
  expect(plan.stdout).toContain('Approval needed: the route of street-scenes always asks.');
  writeFileSync(file, aDelivery({ issue: anIssue({ elements }) }));
  const failed = await requeue(['plan', file, '--json'], {
    REQUEUE_CONFIG: config,
    REQUEUE_STORE: join(parent, 'none'),
  });
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(
    /^The export would fail: Element 253 is invalid \(.*\), and the route has onInvalid: fail\.\n$/,
  );
  expect(JSON.parse(failed.stdout)).toMatchObject({ result: 'failed', store: null });
});

it('plan states that a body would start no export', async () => {
  expect(await planned(aDelivery({ issue: anIssue({ elements: [] }) }))).toMatchObject({
    result: 'nothing',
    because: expect.stringContaining('test button') as string,
  });
  expect(await planned('{"event":"dataset-complete"}')).toMatchObject({
    result: 'nothing',
    because: 'The event dataset-complete does not start an export.',
  });
});

it('plan ends with 1 and a sentence for a body over the limit, and for one that is not valid', async () => {
  writeFileSync(file, aDelivery({ issue: anIssue({ elements: crops(3) }) }));
  const { code, stdout, stderr } = await requeue(['plan', file], { MAX_BODY_BYTES: '100' });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^.* bytes, more than MAX_BODY_BYTES \(100\): the gateway would refuse it\.\n$/);
  await expect(planned('{"event":')).rejects.toThrow(/^The gateway would refuse .*body\.json: .+\.$/);
});

it('plan ends with a sentence for a missing file or store', async () => {
  const streams = fakePipes();
  await expect(planCommand(join(parent, 'none.json'), {}, streams)).rejects.toThrow(
    /none\.json cannot be read \(ENOENT\)\.$/,
  );
  mkdirSync(join(parent, 'folder'));
  await expect(planCommand(join(parent, 'folder'), {}, streams)).rejects.toThrow(
    /folder cannot be read \(EISDIR\)\.$/,
  );
  await expect(planCommand(file, { store: join(parent, 'nowhere') }, streams)).rejects.toThrow(
    /^There is no store at .*nowhere\.$/,
  );
});

it('plan prints hostile names as plain text', async () => {
  for (const { text, asIssueId } of hostileNames) {
    if (asIssueId !== 'verbatim' && asIssueId !== 'hashed') continue;
    const label = { uuid: text, label: text };
    const hostile = [
      aCrop(text, { labels: [label], dataset: text }),
      aCrop(text, { labels: [label] }),
      aFrame(text, []),
    ];
    writeFileSync(
      file,
      aDelivery({ project: text, issue: anIssue({ id: text, name: text, elements: hostile }) }),
    );
    const streams = fakePipes();
    await planCommand(file, { store: parent }, streams);
    for (const line of streams.out().split('\n')) expect(line).not.toMatch(unprintable);
    expect(streams.out()).toContain('1 label of 3 elements');
  }
});
