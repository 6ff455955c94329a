import { createStamps } from '../../../src/gateway/intake/stamps';
import { createFolderStore } from '../../../src/payloads/folder/folder-store';
import { putInboxEntry } from '../../../src/payloads/inbox-entry';
import { writeBytes } from '../../../src/payloads/small-objects';
import { tempFolder } from '../../payloads/temp-folder';
import { aRequest } from '../../support/requests';

const noon = Date.parse('2026-11-24T12:00:00.000Z');
const minutes = 60_000;
const parent = tempFolder();
let stores = 0;
const newStore = () => createFolderStore({ folder: `${parent}/${(stores += 1)}` });

it('A click through a gateway with a right clock is newer than one that waits from a gateway 15 minutes ahead', async () => {
  const store = newStore();
  const ahead = createStamps(store, () => noon + 15 * minutes);
  const right = createStamps(store, () => noon + 3000);
  const older = await ahead();
  await putInboxEntry(store, aRequest(older));
  const newer = await right();
  expect([newer, older].map(({ receivedAt }) => receivedAt)).toEqual([
    '2026-11-24T12:15:00.001Z',
    '2026-11-24T12:15:00.000Z',
  ]);
  expect(newer.requestId > older.requestId).toBe(true);
});

it('A request that waits with an earlier time changes nothing: its gateway may have held it back', async () => {
  const store = newStore();
  await putInboxEntry(store, aRequest(await createStamps(store, () => noon - 5 * minutes)()));
  expect((await createStamps(store, () => noon)()).receivedAt).toBe('2026-11-24T12:00:00.000Z');
});

it('A name that is days ahead, and an inbox that cannot be listed, change nothing', async () => {
  const store = newStore();
  await writeBytes(store, 'inbox/20991124T120000000Z-aaaaaaaaaaaa.json', '{}');
  await writeBytes(store, 'inbox/20269999T120000000Z-aaaaaaaaaaaa.json', '{}');
  expect((await createStamps(store, () => noon)()).receivedAt).toBe('2026-11-24T12:00:00.000Z');
  const broken = { list: () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' })) };
  expect((await createStamps(broken, () => noon)()).receivedAt).toBe('2026-11-24T12:00:00.000Z');
});

it('Stamps that are asked for together keep their order', async () => {
  const stamps = createStamps(newStore(), () => noon);
  const times = (await Promise.all(Array.from({ length: 20 }, stamps))).map(({ receivedAt }) => receivedAt);
  expect(times).toEqual(times.toSorted());
  expect(new Set(times).size).toBe(20);
});
