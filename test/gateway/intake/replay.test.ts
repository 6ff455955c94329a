import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportRequest } from '../../../src/domain/request';
import { replayDelivery } from '../../../src/gateway/intake/replay-delivery';
import { createStamps } from '../../../src/gateway/intake/stamps';
import { createFolderStore } from '../../../src/payloads/folder/folder-store';
import {
  listInbox,
  putInboxEntry,
  readInboxEntry,
  updateDispatchState,
} from '../../../src/payloads/inbox-entry';
import { deliveryKey } from '../../../src/payloads/keys';
import { aRequest } from '../../support/requests';
import { tempFolder } from '../../payloads/temp-folder';
import { aDelivery, anIssue } from '../../support/builders';
const parent = tempFolder();
const body = aDelivery({ issue: anIssue({ id: 'issue/7', name: 'n'.repeat(300) }) });

async function aHarness() {
  const folder = mkdtempSync(join(parent, 'store-'));
  const store = createFolderStore({ folder });
  const accepted: ExportRequest[] = [];
  const dispatcher = { dispatch: (request: ExportRequest) => void accepted.push(request) };
  const keep = async (text: string) => {
    const staged = await store.stage();
    const sha256 = createHash('sha256').update(text).digest('hex');
    await staged.write(Buffer.from(text));
    await staged.commit(deliveryKey(sha256));
    return sha256;
  };
  const hold = async (sha256: string) => {
    const request = aRequest({ sha256, issueId: 'issue/7' });
    await putInboxEntry(store, request);
    await updateDispatchState(store, {
      request,
      handOver: { runId: 'run-1', closes: 3, held: 'A sentence.' },
    });
    return request;
  };
  return {
    folder,
    store,
    accepted,
    keep,
    hold,
    replay: (sha256: string, force = false) =>
      replayDelivery({ store, dispatcher, stamps: createStamps(store), sha256, force }),
  };
}

describe('A replay', () => {
  it('The replay makes a new request from the body, stores it, and dispatches it', async () => {
    const { store, accepted, keep, replay } = await aHarness();
    const sha256 = await keep(body);
    const replayed = await replay(sha256);
    const [request] = accepted;
    expect(request).toMatchObject({
      issueId: 'issue/7',
      issueName: 'n'.repeat(200),
      project: 'street-scenes',
      sha256,
      revision: sha256.slice(0, 12),
      force: false,
    });
    expect(replayed).toEqual({
      requestId: request?.requestId,
      released: false,
      issueId: 'issue/7',
      revision: sha256.slice(0, 12),
      workflowId: 'export-issue-issue/7',
    });
    expect(await readInboxEntry(store, replayed.requestId)).toEqual({ request, handOver: { elements: 1 } });
  });

  it('The replay of a delivery with a held entry releases that entry, with the same request id', async () => {
    const { store, accepted, keep, hold, replay } = await aHarness();
    const request = await hold(await keep(body));
    expect(await replay(request.sha256)).toMatchObject({ requestId: request.requestId, released: true });
    expect(await readInboxEntry(store, request.requestId)).toEqual({ request, handOver: {} });
    expect(accepted).toEqual([request]);
  });

  it('The replay releases every held entry of the delivery, oldest first, and no other', async () => {
    const { store, accepted, keep, hold, replay } = await aHarness();
    const sha256 = await keep(body);
    const [first, other, second] = [
      await hold(sha256),
      await hold(await keep(aDelivery())),
      await hold(sha256),
    ];
    expect(await replay(sha256)).toMatchObject({ requestId: first.requestId, released: true });
    expect(accepted).toEqual([first, second]);
    expect((await readInboxEntry(store, other.requestId))?.handOver.held).toBe('A sentence.');
  });

  it('The replay with force makes a new request even when entries are held', async () => {
    const { store, accepted, keep, hold, replay } = await aHarness();
    const held = await hold(await keep(body));
    expect(await replay(held.sha256, true)).toMatchObject({ released: false });
    expect(accepted).toEqual([expect.objectContaining({ force: true, sha256: held.sha256 })]);
    expect((await readInboxEntry(store, held.requestId))?.handOver.held).toBe('A sentence.');
    expect(await listInbox(store)).toHaveLength(2);
  });

  it('The replay continues past an unreadable entry', async () => {
    const { folder, keep, hold, replay } = await aHarness();
    const held = await hold(await keep(body));
    writeFileSync(join(folder, 'inbox', '00-broken.json'), 'not JSON');
    writeFileSync(join(folder, 'inbox', 'not a request id.json'), '{}');
    expect(await replay(held.sha256)).toMatchObject({ requestId: held.requestId, released: true });
  });
});

describe('A replay that is refused, with no new entry', () => {
  it.each(['', 'ab', 'AB'.repeat(32), `${'a'.repeat(63)}/`, '../'.repeat(21) + 'a'])(
    'The replay refuses a name that is not a sha256: %j',
    async (sha256) => {
      const { replay } = await aHarness();
      await expect(replay(sha256)).rejects.toMatchObject({ status: 400, code: 'not-a-sha256' });
    },
  );

  it('The replay refuses a delivery that is not stored, even when an entry of it is held', async () => {
    const { store, accepted, hold, replay } = await aHarness();
    const held = await hold('ab'.repeat(32));
    await expect(replay(held.sha256)).rejects.toMatchObject({
      status: 404,
      code: 'no-such-delivery',
      message: `the store has no delivery with the sha256 ${held.sha256}.`,
    });
    expect((await readInboxEntry(store, held.requestId))?.handOver.held).toBe('A sentence.');
    expect(accepted).toEqual([]);
  });

  it.each([
    ['its issue id differs', body.replace('issue/7', 'issue/8')],
    ['it is no longer JSON', body.slice(1)],
    ['it is cut off', body.slice(0, -1)],
  ])('The replay refuses a delivery that was changed on disk: %s', async (_, changed) => {
    const { folder, store, accepted, keep, replay } = await aHarness();
    const sha256 = await keep(body);
    writeFileSync(join(folder, 'deliveries', sha256), changed);
    await expect(replay(sha256)).rejects.toMatchObject({ status: 409, code: 'delivery-changed' });
    expect({ accepted, inbox: await listInbox(store) }).toEqual({ accepted: [], inbox: [] });
  });

  it('The replay refuses a delivery that is not an export', async () => {
    const { keep, replay } = await aHarness();
    await expect(
      replay(await keep('{"event":"issue-update","project":"p","issue":{"id":"1"}}')),
    ).rejects.toMatchObject({
      status: 409,
      code: 'not-an-export',
    });
  });
});
