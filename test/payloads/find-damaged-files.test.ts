import {
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findStrayNames } from '../../src/payloads/folder/find-stray-names';
import type { AttemptRef } from '../../src/domain/attempt-ref';
import { findDamagedFiles } from '../../src/payloads/damage/find-damaged-files';
import { writeAppliedDecision } from '../../src/payloads/applied-decisions';
import { listAttempts } from '../../src/payloads/attempts';
import { writeDecisionProof } from '../../src/payloads/decision-proofs';
import { dropHeldEntry } from '../../src/payloads/dropped-requests';
import { putInboxEntry } from '../../src/payloads/inbox-entry';
import {
  attemptFolder,
  decisionProofKey,
  deliveryKey,
  droppedRequestKey,
  inboxKey,
} from '../../src/payloads/keys';
import { acceptLoss } from '../../src/payloads/loss-note';
import { crops } from '../support/builders';
import { activityHarnesses, type ActivityHarness } from '../support/harness/activity-harness';
import { aRequest } from '../support/requests';

const newHarness = activityHarnesses();
let harness: ActivityHarness;
beforeEach(() => {
  harness = newHarness();
});

const at = '2026-11-24T00:00:00.000Z';
const path = (key: string) => join(harness.folder, key);
const search = () => findDamagedFiles(harness.store, Date.now() + 60_000);
const named = async () => (await search()).damaged.map(({ path: key, state }) => `${key} ${state}`);

/** A completed export of ten labels in two calls, with a decision. */
async function completed(issueId = 'issue-1') {
  const request = await harness.accept(crops(10), { issueId }, { issue: { id: issueId } });
  const { ref, digits } = await harness.plan(request);
  await harness.relabel(ref, 0, 5);
  await harness.relabel(ref, 5, 10);
  await writeAppliedDecision(harness.store, ref, 1, { upTo: 10, who: 'ann (token)', at });
  const answered = [{ from: 0, to: 10 }];
  const known = { digits, labels: 10, leftOut: {}, destination: 'labelbox', answered };
  await harness.end(request, ref, { known });
  return {
    ref,
    key: (name: string) => `${attemptFolder(ref)}${name}`,
    delivery: deliveryKey(request.sha256),
  };
}

/** An export of ten labels; five are sent. */
async function inProgress() {
  const request = await harness.accept(crops(10));
  const { ref } = await harness.plan(request);
  await harness.relabel(ref, 0, 5);
  return { request, ref, key: (name: string) => `${attemptFolder(ref)}${name}` };
}

it('Nothing is named of what Requeue wrote', async () => {
  await inProgress();
  await completed('issue-2');
  const longId = 'x'.repeat(300);
  await completed(longId);
  expect(await search()).toMatchObject({ damaged: [], isComplete: true });
});

const ofAttempt = [
  'plan.json',
  'labels.ndjson',
  'labels.index',
  'report.json',
  'report.csv',
  'receipts/0-5.json',
  'receipts/5-10.json',
  'receipts/0-5.sent',
];

describe('Of a completed export', () => {
  it.each(ofAttempt)('%s is named when it is removed', async (name) => {
    const { key } = await completed();
    rmSync(path(key(name)));
    expect(await named()).toEqual([`${key(name)} missing`]);
  });

  it.each([...ofAttempt, 'decisions/20261124000000000-1.json'])(
    '%s is named when a bit of it is changed, or when it is truncated',
    async (name) => {
      const { key } = await completed();
      const file = path(key(name));
      const middle = Math.floor(statSync(file).size / 2);
      harness.flipByte(file, middle);
      expect(await named()).toEqual([`${key(name)} changed`]);
      harness.flipByte(file, middle);
      expect(await named()).toEqual([]);
      truncateSync(file, middle);
      expect(await named()).toEqual([`${key(name)} changed`]);
    },
  );

  it('A decision that is gone is named by its time', async () => {
    const { key } = await completed();
    rmSync(path(key('decisions/20261124000000000-1.json')));
    expect(await named()).toEqual([`${key('decisions/20261124000000000-<question>.json')} missing`]);
  });

  it('Its receipts without any sent-mark are named as a folder', async () => {
    const { key } = await completed();
    rmSync(path(key('receipts')), { recursive: true });
    expect(await named()).toEqual([`${key('receipts/')} missing`]);
  });

  it('The report of a folder that is gone is named, because the list of reports has it', async () => {
    const { key } = await completed();
    rmSync(path(key('')), { recursive: true });
    expect(await named()).toEqual([`${key('report.json')} missing`]);
  });

  it('A delivery is named when it is removed or changed', async () => {
    const { delivery } = await completed();
    harness.flipByte(path(delivery), 100);
    expect(await named()).toEqual([`${delivery} changed`]);
    rmSync(path(delivery));
    expect(await named()).toEqual([`${delivery} missing`]);
  });

  it('Files of an issue with a hashed folder are named too', async () => {
    const { key } = await completed('y'.repeat(300));
    rmSync(path(key('labels.ndjson')));
    rmSync(path(key('report.csv')));
    expect(await named()).toEqual([`${key('labels.ndjson')} missing`, `${key('report.csv')} missing`]);
  });
});

it('A change anywhere in the first line of a report, or in a decision, is noticed', async () => {
  const { key } = await completed();
  for (const name of ['report.json', 'decisions/20261124000000000-1.json']) {
    const end = readFileSync(path(key(name))).indexOf('\n');
    for (let offset = 0; offset < end; offset += 1) {
      harness.flipByte(path(key(name)), offset);
      expect([offset, await named()]).toEqual([offset, [`${key(name)} changed`]]);
      harness.flipByte(path(key(name)), offset);
    }
  }
});

describe('Of an export in progress', () => {
  it('A plan, a sent-mark or an inbox entry that is gone is named', async () => {
    const { ref, request, key } = await inProgress();
    rmSync(path(key('receipts/0-5.sent')));
    rmSync(path(inboxKey(request.requestId)));
    expect(await named()).toEqual([
      `${key('receipts/0-5.sent')} missing`,
      `${inboxKey(request.requestId)} missing`,
    ]);
    rmSync(harness.path(ref, 'plan.json'));
    expect(await named()).toContain(`${key('plan.json')} missing`);
  });

  it.each([
    ['the first line', 40],
    ['the second line', 800],
    ['nothing but blanks', 1200],
  ])('An inbox entry is named when a bit of %s is changed', async (_, offset) => {
    const { request } = await inProgress();
    const key = inboxKey(request.requestId);
    harness.flipByte(path(key), offset);
    expect(await named()).toEqual([`${key} changed`]);
    harness.flipByte(path(key), offset);
    truncateSync(path(key), offset);
    expect(await named()).toEqual([`${key} changed`]);
  });

  it('The first of two approvals is missed', async () => {
    const { ref, key } = await inProgress();
    await writeAppliedDecision(harness.store, ref, 2, { from: 5, upTo: 10, who: 'ann (token)', at });
    expect(await named()).toEqual([`${key('decisions/')} missing`]);
  });
});

it('Decision proofs, drops and notes about losses are named when they are changed', async () => {
  const { ref } = await completed();
  const { issueId } = ref;
  const proof = { issueId, decision: 'approve', revision: ref.revision, by: 'ann', at } as const;
  await writeDecisionProof(harness.store, 'aa', proof);
  const request = aRequest({ issueId });
  await putInboxEntry(harness.store, request);
  await dropHeldEntry(harness.store, { request, handOver: { held: 'A.' } }, { by: 'ann', reason: 'r' });
  rmSync(path(inboxKey(request.requestId)));
  const [attempt] = await listAttempts(harness.store, issueId, ref.revision);
  await acceptLoss(harness.store, attempt!, { by: 'ann', reason: 'r', at, lost: 'l' });
  expect(await named()).toEqual([]);
  const keys = [
    `${attemptFolder(ref)}lost.json`,
    decisionProofKey(issueId, 'aa'),
    droppedRequestKey(issueId, request.requestId),
  ];
  for (const key of keys) writeFileSync(path(key), readFileSync(path(key), 'utf8').replace('ann', 'eve'));
  expect(await named()).toEqual(keys.map((key) => `${key} changed`).toSorted());
});

describe('What an operator accepted is listed apart', () => {
  const accept = async ({ issueId, revision }: AttemptRef) => {
    const [attempt] = await listAttempts(harness.store, issueId, revision);
    await acceptLoss(harness.store, attempt!, { by: 'ann', reason: 'r', at, lost: 'l' });
  };
  const accepted = async () =>
    (await search()).accepted.map(({ path: key, state, acceptedBy }) => `${key} ${state} ${acceptedBy}`);

  it.each([
    [['report.json'], ['report.json missing']],
    [['report.json', 'receipts/0-5.json'], ['report.json missing']],
    [
      ['plan.json', 'report.json'],
      ['plan.json missing', 'report.json missing'],
    ],
  ])('without %j', async (names, found) => {
    const { ref, key } = await completed();
    for (const name of names) rmSync(path(key(name)));
    expect(await named()).toEqual(found.map((file) => key(file)));
    await accept(ref);
    expect(await named()).toEqual([]);
    expect(await accepted()).toEqual(found.map((file) => `${key(file)} ann`));
  });

  it('also a report without its CSV, which look like a lost inbox entry, and a changed receipt', async () => {
    const { ref, key } = await completed();
    for (const name of ['report.json', 'report.csv']) rmSync(path(key(name)));
    harness.flipByte(path(key('receipts/0-5.json')), 40);
    await accept(ref);
    expect(await named()).toEqual([]);
    expect(await accepted()).toEqual([
      `${key('receipts/0-5.json')} changed ann`,
      `${key('report.json')} missing ann`,
      expect.stringMatching(/^inbox\/.* missing ann$/),
    ]);
  });

  it('but not what is lost later, nor files that no note is about', async () => {
    const { ref, key } = await completed();
    rmSync(path(key('report.json')));
    await accept(ref);
    rmSync(path(key('labels.ndjson')));
    expect(await named()).toEqual([`${key('labels.ndjson')} missing`]);
    rmSync(path(key('receipts/0-5.json')));
    rmSync(path(key('plan.json')));
    expect(await named()).toEqual([`${key('plan.json')} missing`, `${key('report.json')} missing`]);
    expect(await accepted()).toEqual([]);
  });
});

it('A file of another attempt that was copied over one is named', async () => {
  const copyOver = (from: AttemptRef, to: AttemptRef, name: string) =>
    writeFileSync(harness.path(to, name), readFileSync(harness.path(from, name)));
  const { ref, key } = await completed();
  const other = (await completed('issue-2')).ref;
  for (const name of ['plan.json', 'receipts/0-5.json', 'receipts/0-5.sent', 'report.json'])
    copyOver(other, ref, name);
  expect(await named()).toEqual([
    `${key('plan.json')} changed`,
    `${key('receipts/0-5.json')} changed`,
    `${key('receipts/0-5.sent')} changed`,
    `${key('report.json')} changed`,
  ]);
});

it('A search without time says that it is not complete', async () => {
  await completed();
  expect(await findDamagedFiles(harness.store, Date.now() - 1)).toEqual({
    damaged: [],
    accepted: [],
    checked: 0,
    isComplete: false,
  });
});

it('A plan that is replaced during the search is not named', async () => {
  const { ref } = await inProgress();
  const plan = readFileSync(harness.path(ref, 'plan.json'));
  let lists = 0;
  const store = {
    ...harness.store,
    list: async (prefix: string) => {
      const names = await harness.store.list(prefix);
      if (prefix === attemptFolder(ref)) {
        lists += 1;
        if (lists === 1) rmSync(harness.path(ref, 'plan.json'));
        else writeFileSync(harness.path(ref, 'plan.json'), plan);
      }
      return names;
    },
  };
  expect(await findDamagedFiles(store, Date.now() + 60_000)).toMatchObject({ damaged: [], isComplete: true });
  expect(lists).toBeGreaterThan(1);
});

it('A folder in the place of a file stops no search', async () => {
  const { key } = await completed('issue-2');
  const { key: ofOther } = await completed();
  rmSync(path(key('report.csv')));
  mkdirSync(path(key('report.csv')));
  rmSync(path(ofOther('labels.ndjson')));
  expect(await named()).toEqual([`${ofOther('labels.ndjson')} missing`]);
});

it("A copy of an issue's folder is one stray name and no damage", async () => {
  await completed('done1');
  await completed('done2');
  for (const [from, to] of [
    ['done1', 'backup_done1'],
    ['done2', 'done1_2026-11-24'],
  ])
    cpSync(path(`exports/${from}`), path(`exports/${to}`), { recursive: true });
  expect(await named()).toEqual([]);
  expect(await findStrayNames(harness.folder, Date.now() + 60_000)).toEqual([
    { path: 'exports/backup_done1', kind: 'copy' },
    { path: 'exports/done1_2026-11-24', kind: 'copy' },
  ]);
});

it('A file of another issue in the place of one is damage, not a stray copy', async () => {
  const [first, second] = [await completed('done1'), await completed('done2')];
  for (const name of ['plan.json', 'report.json']) cpSync(path(second.key(name)), path(first.key(name)));
  expect(await findStrayNames(harness.folder, Date.now() + 60_000)).toEqual([]);
  expect(await named()).toEqual(expect.arrayContaining([`${first.key('plan.json')} changed`]));
});

it('What may not be read stops no check and is a stray name', async () => {
  await completed('done1');
  const [second, third] = [await completed('done2'), await completed('done3')];
  rmSync(path(third.key('report.csv')));
  const denied = [path('exports/done1'), path(second.key('report.json'))];
  const found = await withoutPermission(denied, async () => [
    await named(),
    await findStrayNames(harness.folder, Date.now() + 60_000),
  ]);
  expect(found).toEqual([
    [`${third.key('report.csv')} missing`],
    [
      { path: 'exports/done1', kind: 'unreadable' },
      { path: second.key('report.json'), kind: 'unreadable' },
    ],
  ]);
});

/** Permissions do not stop root, so root becomes another user meanwhile. */
async function withoutPermission<T>(paths: readonly string[], act: () => Promise<T>): Promise<T> {
  for (let folder = harness.folder; folder !== tmpdir(); folder = dirname(folder)) chmodSync(folder, 0o755);
  for (const one of paths) chmodSync(one, 0);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    return await act();
  } finally {
    if (isRoot) process.seteuid?.(0);
    for (const one of paths) chmodSync(one, 0o700);
  }
}
