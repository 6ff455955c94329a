import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { dropDelivery } from '../../../src/gateway/api/decide/drop-delivery';
import { listDroppedRequests } from '../../../src/payloads/dropped-requests';
import { createFolderStore } from '../../../src/payloads/folder/folder-store';
import { listInbox, putInboxEntry, updateDispatchState } from '../../../src/payloads/inbox-entry';
import { droppedRequestKey } from '../../../src/payloads/keys';
import type { PayloadStore } from '../../../src/payloads/payload-store';
import { readJson, writeJson } from '../../../src/payloads/small-objects';
import { tempFolder } from '../../payloads/temp-folder';
import { aRequest } from '../../support/requests';

const parent = tempFolder();
const sha256 = 'ab'.repeat(32);
const revision = sha256.slice(0, 12);
const drop = { sha256, by: 'ann', reason: 'exported by mistake' };
let store: PayloadStore;

beforeEach(() => {
  store = createFolderStore({ folder: mkdtempSync(join(parent, 'store-')) });
});

async function anEntry(held?: string, change: object = {}) {
  const request = aRequest({ sha256, revision, ...change });
  await putInboxEntry(store, request);
  if (held !== undefined) await updateDispatchState(store, { request, handOver: { runId: 'run-1', held } });
  return request;
}

it('A drop records who, when and why, then removes every held entry of the delivery and no other', async () => {
  const [first, waiting, second] = [await anEntry('A.'), await anEntry(), await anEntry('B.')];
  const other = await anEntry('C.', { sha256: 'cd'.repeat(32) });
  expect(await dropDelivery(store, drop)).toEqual({
    requestIds: [first.requestId, second.requestId],
    issueId: 'issue-1',
    revision,
    message: `Dropped 2 held requests of issue issue-1, revision ${revision}.`,
  });
  expect(await listInbox(store)).toEqual([waiting.requestId, other.requestId]);
  expect(await listDroppedRequests(store, 'issue-1')).toEqual(
    [first, second].map((request, at) => ({
      version: 1,
      request,
      held: at === 0 ? 'A.' : 'B.',
      by: 'ann',
      reason: 'exported by mistake',
      at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    })),
  );
});

it('The record is durable before the entry is removed, so a killed gateway loses neither', async () => {
  await anEntry('A.');
  const failing = { ...store, remove: () => Promise.reject(new Error('killed')) };
  await expect(dropDelivery(failing, drop)).rejects.toThrow('killed');
  expect(await listInbox(store)).toHaveLength(1);
  expect(await listDroppedRequests(store, 'issue-1')).toHaveLength(1);
  await dropDelivery(store, { ...drop, by: 'bob' });
  expect(await listDroppedRequests(store, 'issue-1')).toMatchObject([{ by: 'bob' }]);
  expect(await listInbox(store)).toEqual([]);
});

it('A record that was changed says nothing, and one of an earlier version, without a hash, still counts', async () => {
  const request = await anEntry('A.');
  await dropDelivery(store, drop);
  const key = droppedRequestKey('issue-1', request.requestId);
  const { recordSha256, ...record } = await readJson<Record<string, unknown>>(store, key);
  await writeJson(store, key, { ...record, recordSha256, by: 'eve' });
  expect(await listDroppedRequests(store, 'issue-1')).toEqual([]);
  await writeJson(store, key, record);
  expect(await listDroppedRequests(store, 'issue-1')).toMatchObject([{ by: 'ann' }]);
});

it.each([
  ['nothing of the delivery is in the inbox', async () => undefined],
  ['its request waits', () => anEntry()],
  ['another delivery is held', () => anEntry('C.', { sha256: 'cd'.repeat(32) })],
])('A drop is refused when %s', async (_, prepare) => {
  await prepare();
  const inbox = await listInbox(store);
  await expect(dropDelivery(store, drop)).rejects.toMatchObject({
    status: 409,
    code: 'not-held',
    message: `no request of the delivery ${sha256} is held, and only a held request can be dropped.`,
  });
  expect(await listInbox(store)).toEqual(inbox);
});

it('A drop leaves an entry that is released while the record is written', async () => {
  const request = await anEntry('A.');
  const racing: PayloadStore = {
    ...store,
    async stage() {
      await updateDispatchState(store, { request, handOver: {} });
      return store.stage();
    },
  };
  await expect(dropDelivery(racing, drop)).rejects.toMatchObject({ code: 'not-held' });
  expect(await listInbox(store)).toEqual([request.requestId]);
});

it.each(['', 'ab', 'AB'.repeat(32)])('A drop refuses a name that is not a sha256: %j', async (name) => {
  await expect(dropDelivery(store, { ...drop, sha256: name })).rejects.toMatchObject({
    code: 'not-a-sha256',
  });
});
