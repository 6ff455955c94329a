import { tryWriteSignalProof } from '../../../src/gateway/api/decide/write-signal-proof';
import { createFolderStore } from '../../../src/payloads/folder/folder-store';
import type { PayloadStore } from '../../../src/payloads/payload-store';
import { tempFolder } from '../../payloads/temp-folder';

const store = createFolderStore({ folder: tempFolder() });
const request = { issueId: 'one', decision: 'pause', by: 'ann' } as const;

afterEach(() => jest.useRealTimers());

it('A proof of a pause is written while the store works', async () => {
  expect(await tryWriteSignalProof(store, request, fail)).toMatch(/^[0-9a-f]{32}$/);
});

it('A store that never answers holds up a pause for 3 s, and the pause has no proof', async () => {
  jest.useFakeTimers();
  const hung: PayloadStore = { ...store, stage: () => new Promise(() => undefined) };
  const failures: unknown[] = [];
  const written = tryWriteSignalProof(hung, request, (error) => failures.push(error));
  await jest.advanceTimersByTimeAsync(3000);
  expect(await written).toBeUndefined();
  expect(failures).toEqual([new Error('The store did not answer within 3 s.')]);
});

function fail(error: unknown): never {
  throw error;
}
