import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { pauseDestination } from '../../../src/gateway/api/decide/pause-destination';
import { destinationState } from '../../../src/gateway/api/list/destination-states';
import { removeDestinationPause } from '../../../src/payloads/destination-state';
import { createFolderStore } from '../../../src/payloads/folder/folder-store';
import { tempFolder } from '../../payloads/temp-folder';

const root = tempFolder();
const client = {
  options: { namespace: 'default' },
  workflowService: { listWorkflowExecutions: () => Promise.reject(new Error('Temporal is away.')) },
  withDeadline: <T>(_deadline: number, call: () => Promise<T>) => call(),
} as unknown as Client;
let count = 0;
const newStore = () => createFolderStore({ folder: join(root, `store-${(count += 1)}`) });
const unknown = { name: 'labelbox', waiting: [], hasMore: false };

it('A store without any delivery has no paused destination, and one can be paused in it', async () => {
  const store = newStore();
  expect(await destinationState({ client, store }, 'labelbox')).toEqual(unknown);
  const paused = await pauseDestination({ store }, { destination: 'labelbox', by: 'ann', through: 'page' });
  expect(await destinationState({ client, store }, 'labelbox')).toEqual({
    ...unknown,
    paused: { by: 'ann', since: paused.paused },
  });
});

it('The first of two pauses stays, and the second says so', async () => {
  const store = newStore();
  const requests = ['ann', 'bob'].map((by) =>
    pauseDestination({ store }, { destination: 'labelbox', by, through: 'api' }),
  );
  const [first, second] = (await Promise.all(requests)).toSorted((a, b) => (a.message < b.message ? -1 : 1));
  expect(first?.message).toMatch(/^Paused labelbox: /);
  expect(second?.message).toMatch(/^labelbox was already paused by (ann|bob) at .* UTC\.$/);
  expect(second?.paused).toBe(first?.paused);
  await removeDestinationPause(store, 'labelbox');
  expect(await destinationState({ client, store }, 'labelbox')).toEqual(unknown);
});

it('A store that cannot be read leaves the state unknown', async () => {
  writeFileSync(join(root, 'a-file'), '');
  const store = createFolderStore({ folder: join(root, 'a-file') });
  expect(await destinationState({ client, store }, 'labelbox')).toEqual(unknown);
  await expect(
    pauseDestination({ store }, { destination: 'labelbox', by: 'ann', through: 'page' }),
  ).rejects.toThrow(/ENOTDIR|EEXIST/);
});
