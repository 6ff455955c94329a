import { mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFolderStore } from '../../src/payloads/folder/folder-store';
import {
  inboxEntries,
  listInbox,
  putInboxEntry,
  readInboxEntry,
  removeInboxEntry,
  updateDispatchState,
} from '../../src/payloads/inbox-entry';
import { aRequest } from '../support/requests';
import { tempFolder } from './temp-folder';

const parent = tempFolder();

function aStore() {
  const folder = mkdtempSync(join(parent, 'store-'));
  return {
    store: createFolderStore({ folder }),
    entryPath: (requestId: string) => join(folder, 'inbox', `${requestId}.json`),
  };
}

describe('an inbox entry', () => {
  it('returns the request, at first without a dispatch state', async () => {
    const { store } = aStore();
    const request = aRequest({ issueName: 'Zeile\n"2" \u2028 字' });
    await putInboxEntry(store, request);
    expect(await readInboxEntry(store, request.requestId)).toEqual({ request, handOver: {} });
  });

  it('keeps the dispatch state, and is one JSON object for people', async () => {
    const { store, entryPath } = aStore();
    const request = aRequest();
    await putInboxEntry(store, request);
    const handOver = { runId: 'run-1', closes: 2, held: 'x'.repeat(300) };
    expect(await updateDispatchState(store, { request, handOver })).toBe(true);
    expect(await readInboxEntry(store, request.requestId)).toEqual({ request, handOver });
    expect(JSON.parse(readFileSync(entryPath(request.requestId), 'utf8'))).toEqual({ request, handOver });
    expect(await updateDispatchState(store, { request, handOver: {} })).toBe(true);
    expect(await readInboxEntry(store, request.requestId)).toEqual({ request, handOver: {} });
  });

  it.each(['{}', 'null', '[]', '{"request":{"requestId":"another"},"handOver":{}}', 'no JSON'])(
    'is reported as unreadable when it is %s',
    async (text) => {
      const { store, entryPath } = aStore();
      const [changed, whole] = [aRequest(), aRequest()];
      for (const request of [changed, whole]) await putInboxEntry(store, request);
      writeFileSync(entryPath(changed.requestId), text);
      const unreadable: string[] = [];
      const read: string[] = [];
      for await (const { request } of inboxEntries(store, (requestId) => void unreadable.push(requestId)))
        read.push(request.requestId);
      expect({ unreadable, read }).toEqual({ unreadable: [changed.requestId], read: [whole.requestId] });
    },
  );

  it('stays removed when it is updated after its removal', async () => {
    const { store } = aStore();
    const request = aRequest();
    await putInboxEntry(store, request);
    await removeInboxEntry(store, request.requestId);
    expect(await updateDispatchState(store, { request, handOver: { runId: 'run-1' } })).toBe(false);
    expect(await readInboxEntry(store, request.requestId)).toBeUndefined();
    expect(await listInbox(store)).toEqual([]);
  });

  it.each([
    [
      'is cut in its second line',
      (path: string) => truncateSync(path, readFileSync(path).indexOf('\n') + 20),
    ],
    [
      'is cut after its first line',
      (path: string) => truncateSync(path, readFileSync(path).indexOf('\n') + 1),
    ],
    [
      'has a mix of an old and a new second line',
      (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace('"runId":"', '"runId:{')),
    ],
    [
      'has zeros for its second line',
      (path: string) => writeFileSync(path, zeroAfterFirstLine(readFileSync(path))),
    ],
  ])('is read as not dispatched when it %s', async (_, tear) => {
    const { store, entryPath } = aStore();
    const request = aRequest();
    await putInboxEntry(store, request);
    await updateDispatchState(store, { request, handOver: { runId: 'run-1' } });
    tear(entryPath(request.requestId));
    expect(await readInboxEntry(store, request.requestId)).toEqual({ request, handOver: {} });
  });

  it('is listed by time, and other files are not listed', async () => {
    const { store, entryPath } = aStore();
    const requests = [aRequest(), aRequest(), aRequest()];
    for (const request of requests.toReversed()) await putInboxEntry(store, request);
    writeFileSync(entryPath('x').replace('.json', '.txt'), 'a note');
    expect(await listInbox(store)).toEqual(requests.map((request) => request.requestId));
  });
});

function zeroAfterFirstLine(bytes: Buffer): Buffer {
  return bytes.fill(0, bytes.indexOf('\n') + 1);
}
