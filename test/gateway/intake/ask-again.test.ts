import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportRequest } from '../../../src/domain/request';
import type { AgainRequest } from '../../../src/gateway/api/operator-api';
import { askAgain } from '../../../src/gateway/intake/ask-again';
import { createStamps } from '../../../src/gateway/intake/stamps';
import { findDamagedFiles } from '../../../src/payloads/damage/find-damaged-files';
import { dropHeldEntry } from '../../../src/payloads/dropped-requests';
import { findStrayNames } from '../../../src/payloads/folder/find-stray-names';
import {
  listInbox,
  readInboxEntry,
  removeInboxEntry,
  updateDispatchState,
} from '../../../src/payloads/inbox-entry';
import { askingKey, deliveryKey, inboxKey, revisionFolder } from '../../../src/payloads/keys';
import type { PayloadStore } from '../../../src/payloads/payload-store';
import { crops } from '../../support/builders';
import { activityHarnesses, type ActivityHarness } from '../../support/harness/activity-harness';

const newHarness = activityHarnesses();
let harness: ActivityHarness;
let dispatched: ExportRequest[];
let revision: string;

/** A rejected export of the issue. */
beforeEach(async () => {
  harness = newHarness();
  dispatched = [];
  const request = await harness.accept(crops(3));
  revision = request.revision;
  const { ref } = await harness.plan(request);
  await harness.end(request, ref, { outcome: 'rejected' });
});

const dispatcher = { dispatch: (request: ExportRequest) => void dispatched.push(request) };

/** Each call is another gateway. */
function ask(change: Partial<AgainRequest> = {}, store: PayloadStore = harness.store) {
  const asked = { issueId: 'issue-1', by: 'ann', through: 'api', reason: 'a mistake', all: false } as const;
  return askAgain({ store, dispatcher, stamps: createStamps(store) }, { ...asked, ...change });
}

/** The store of a gateway that stops before it puts its inbox entry. */
function stoppingStore(): PayloadStore {
  let stages = 0;
  const stop = () => Promise.reject(new Error('stopped'));
  // the first two are for the decision log and for the asking
  return { ...harness.store, stage: () => ((stages += 1) > 2 ? stop() : harness.store.stage()) };
}

const ref = (attempt: number) => ({ issueId: 'issue-1', revision, attempt });
const askingPath = (attempt: number, number: number) => join(harness.folder, askingKey(ref(attempt), number));
/** How many askings after an attempt were kept. */
const askings = (attempt: number) =>
  harness.files(ref(attempt)).filter((name) => name.startsWith('again-')).length;

it.each([
  [true, 'every label'],
  [false, 'what was not done'],
])(
  'Of two operators who ask at the same time, one with all=%s, the second learns who asked for what',
  async (all, what) => {
    const answers = await Promise.allSettled([ask({ all }), ask({ by: 'bob', all: !all })]);
    const [won] = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    const [lost] = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [answer.reason as Error & { code: string }] : [],
    );
    expect(await listInbox(harness.store)).toEqual([won?.requestId]);
    const winner = (await readInboxEntry(harness.store, won!.requestId))?.request;
    const asked = winner?.again?.by === 'ann' ? what : all ? 'what was not done' : 'every label';
    expect(lost?.code).toBe('still-open');
    expect(lost?.message).toBe(
      `the export of the issue "issue-1" has not ended (revision ${revision}; ${winner?.again?.by} asked again for ${asked}). Ask again when it has.`,
    );
  },
);

it('Twenty askings at the same time, half of them for all, make one request', async () => {
  const answers = await Promise.allSettled(
    Array.from({ length: 20 }, (_, at) => ask({ by: `operator-${at}`, all: at % 2 === 0 })),
  );
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await listInbox(harness.store)).toHaveLength(1);
  expect(askings(1)).toBe(1);
  expect(new Set(dispatched.map(({ requestId }) => requestId)).size).toBe(1);
});

it('An operator who repeats an asking at the same time gets the answer to the first one', async () => {
  const [first, second] = await Promise.all([ask({ all: true }), ask({ all: true })]);
  expect(second).toEqual(first);
  expect(await listInbox(harness.store)).toEqual([first.requestId]);
});

it('An asking whose gateway stopped before the inbox entry is entered by the next one, and not replaced', async () => {
  await expect(ask({ all: true }, stoppingStore())).rejects.toThrow('stopped');
  expect(await listInbox(harness.store)).toEqual([]);
  await expect(ask({ by: 'bob' })).rejects.toMatchObject({
    code: 'still-open',
    message: expect.stringContaining('ann asked again for every label') as string,
  });
  const [requestId = ''] = await listInbox(harness.store);
  expect(await readInboxEntry(harness.store, requestId)).toMatchObject({
    request: { force: true, again: { by: 'ann', after: 1 } },
    handOver: { elements: 3 },
  });
  expect(dispatched).toMatchObject([{ requestId }]);
});

it('The operator whose gateway stopped asks once more and is answered as at first', async () => {
  await expect(ask({}, stoppingStore())).rejects.toThrow('stopped');
  const { requestId } = await ask();
  expect(await listInbox(harness.store)).toEqual([requestId]);
});

it('An entry that has a run keeps it when another gateway enters the same asking', async () => {
  const { requestId } = await ask();
  const entry = (await readInboxEntry(harness.store, requestId))!;
  await updateDispatchState(harness.store, { ...entry, handOver: { runId: 'run-1' } });
  const isHidden = { ...harness.store, list: async (folder: string) => hide(folder) };
  const hide = (folder: string) => (folder === 'inbox/' ? [] : harness.store.list(folder));
  expect(await ask({}, isHidden)).toMatchObject({ requestId }); // it looked before the first one was entered
  expect((await readInboxEntry(harness.store, requestId))?.handOver).toEqual({ runId: 'run-1' });
});

it('An asking that comes after the export of the first one has ended is not started with an old view', async () => {
  const { requestId } = await ask();
  const { request } = (await readInboxEntry(harness.store, requestId))!;
  const { ref: second } = await harness.plan(request);
  expect(second.attempt).toBe(2);
  await harness.end(request, second, { outcome: 'rejected' });
  let isOld = true;
  const oldView: PayloadStore = {
    ...harness.store,
    stage: () => ((isOld = false), harness.store.stage()),
    list: async (folder) => {
      const names = await harness.store.list(folder);
      return isOld && folder === revisionFolder('issue-1', revision) ? ['1'] : names;
    },
  };
  await expect(ask({ by: 'bob', all: true }, oldView)).rejects.toMatchObject({ code: 'still-open' });
  expect(await listInbox(harness.store)).toEqual([]);
  await ask({ by: 'bob', all: true }); // after the second attempt
  expect([askings(1), askings(2)]).toEqual([1, 1]);
});

describe('A later asking is not blocked', () => {
  it('after the request of the first one was dropped', async () => {
    const { requestId } = await ask();
    const entry = (await readInboxEntry(harness.store, requestId))!;
    const held = { ...entry, handOver: { held: 'A sentence.' } };
    await updateDispatchState(harness.store, held);
    await dropHeldEntry(harness.store, held, { by: 'ann', reason: 'not needed' });
    const { requestId: second } = await ask({ by: 'bob', all: true });
    expect(await listInbox(harness.store)).toEqual([second]);
    expect(askings(1)).toBe(2);
  });

  it('after the request of the first one joined the export of the same attempt', async () => {
    const { requestId } = await ask();
    const [firstId = ''] = harness.reportJson(ref(1)).requests;
    await harness.report({ kind: 'duplicates', ref: ref(1), requestIds: [requestId] });
    await removeInboxEntry(harness.store, requestId);
    expect(harness.reportJson(ref(1)).requests).toEqual([firstId, requestId]);
    const { requestId: second } = await ask({ by: 'bob' });
    expect(await listInbox(harness.store)).toEqual([second]);
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, 40)],
    ['empty', () => ''],
    ['changed', (text: string) => text.replace('"ann"', '"eve"')],
  ])('while the file of the first one is %s, which the damage search names', async (_, change) => {
    await expect(ask({}, stoppingStore())).rejects.toThrow('stopped');
    const path = askingPath(1, 1);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    const { requestId } = await ask({ by: 'bob', all: true });
    expect(await listInbox(harness.store)).toEqual([requestId]);
    const { damaged } = await findDamagedFiles(harness.store, Date.now() + 60_000);
    expect(damaged).toEqual([{ path: askingKey(ref(1), 1), state: 'changed' }]);
  });

  it('when a person removed the unreadable inbox entry of the first one: it is entered once more', async () => {
    const { requestId } = await ask();
    rmSync(join(harness.folder, inboxKey(requestId)));
    expect(await ask()).toMatchObject({ requestId });
    expect(await listInbox(harness.store)).toEqual([requestId]);
  });
});

describe('After an export that is completed', () => {
  beforeEach(async () => {
    const request = await harness.accept(crops(2, 'second'));
    const { ref: completed } = await harness.complete(request);
    revision = completed.revision;
  });

  it.each([undefined, '', '  '])('asking for all needs a reason, and %j is none', async (reason) => {
    await expect(ask({ all: true, reason })).rejects.toMatchObject({
      status: 400,
      code: 'bad-reason',
      message: 'expected a reason: text that says why every label of a completed export is sent again.',
    });
    await expect(ask({ reason })).rejects.toMatchObject({ status: 409, code: 'nothing-left' });
    expect([await listInbox(harness.store), askings(1)]).toEqual([[], 0]);
  });

  it('asking for all with a reason starts an attempt', async () => {
    expect(await ask({ all: true })).toMatchObject({ revision });
  });
});

it('Asking for all after a rejection needs no reason', async () => {
  await ask({ all: true, reason: undefined });
  expect(await listInbox(harness.store)).toHaveLength(1);
});

it('What an asking writes is neither damaged nor a stray name', async () => {
  await ask();
  expect(await findStrayNames(harness.folder, Date.now() + 60_000)).toEqual([]);
  expect(await findDamagedFiles(harness.store, Date.now() + 60_000)).toMatchObject({ damaged: [] });
});

describe('Without the plan and the report of an export that sent labels', () => {
  /** A completed export of five labels, with a body of its own; then its files are lost. */
  async function lost(lose: (path: string) => void = (path) => rmSync(path)) {
    const request = await harness.accept(crops(5));
    const { ref: sent } = await harness.complete(request);
    for (const name of ['plan.json', 'report.json']) lose(harness.path(sent, name));
    return { request, sent };
  }
  /** The next export pauses, because of what is lost, and is cancelled. */
  async function pausedAndCancelled() {
    const request = await harness.accept(crops(7), { receivedAt: new Date().toISOString() });
    const prepared = await harness.prepare(request);
    expect(prepared).toMatchObject({ kind: 'needs-person' });
    if (prepared.kind === 'needs-person') await harness.end(request, prepared.ref, { outcome: 'cancelled' });
    return request;
  }
  const planned = async () => {
    const [requestId = ''] = await listInbox(harness.store);
    const plan = await harness.plan((await readInboxEntry(harness.store, requestId))!.request);
    return { plan, messages: harness.planFile(plan.ref).summary.warnings?.map(({ message }) => message) };
  };

  it.each([
    ['removed', (path: string) => rmSync(path)],
    ['truncated', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 20))],
    ['changed', (path: string) => harness.flipByte(path, 30)],
  ])(
    'that are %s, asking for all sends the newest body, is recorded, and stops no later plan',
    async (_, lose) => {
      const { sent } = await lost(lose);
      const newest = await pausedAndCancelled();
      expect(await ask({ all: true, reason: 'the disk died' })).toMatchObject({ revision: newest.revision });
      const { plan, messages } = await planned();
      expect(plan.labels).toBe(7);
      expect(messages).toEqual([
        expect.stringContaining(
          'ann asked for everything again: labels that it relabeled may be sent again.',
        ),
      ]);
      expect(JSON.parse(harness.text(sent, 'lost.json'))).toMatchObject({
        by: 'ann',
        reason: 'the disk died',
      });
      expect((await harness.plan(await harness.accept(crops(9)))).labels).toBe(4); // five receipts are left
    },
  );

  it('asking without all is refused, and the sentence names the way on', async () => {
    await lost();
    await pausedAndCancelled();
    await expect(ask()).rejects.toMatchObject({
      status: 409,
      code: 'attempt-unreadable',
      message: expect.stringContaining('ask again for all: that sends every label again.') as unknown,
    });
  });

  it('asking for all sends its own body when nothing is newer, known from the name of its folder', async () => {
    const { request } = await lost();
    expect(await ask({ all: true })).toMatchObject({ revision: request.revision });
    expect((await planned()).plan.labels).toBe(5);
  });

  it('asking for all is refused when its delivery is gone too', async () => {
    const { request } = await lost();
    rmSync(join(harness.folder, deliveryKey(request.sha256)));
    await expect(ask({ all: true })).rejects.toMatchObject({ status: 409, code: 'delivery-unknown' });
    expect(await listInbox(harness.store)).toEqual([]);
  });
});
