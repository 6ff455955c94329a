import { mkdir, stat } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import { tempFolder } from './temp-name';
import { syncFolder } from './sync-folder';

/** Maximum folders cached as durable: a worker uses one more for every attempt, for months. */
const maxCachedFolders = 1000;

export interface DurableFolders {
  /**
   * Makes the folder durable, then runs `action`. Does both once more when the folder was removed meanwhile.
   */
  inside<T>(folder: string, action: () => Promise<T>): Promise<T>;
}

/** Creates folders below `root` so that they survive power loss. */
export function createDurableFolders(root: string): DurableFolders {
  const durable = new Map<string, Promise<void>>();
  const deviceAtStart = storeDevice(root);
  let device: number | undefined;

  // Concurrent callers share one promise: no request may get its 202 before the folder that another request
  // creates is durable.
  function ensure(folder: string): Promise<void> {
    const creating = durable.get(folder) ?? create(folder);
    if (!durable.has(folder)) cache(folder, creating);
    return creating;
  }

  async function create(folder: string): Promise<void> {
    device ??= await deviceAtStart;
    if (device !== undefined) await refuseOtherStore(root, device);
    await makeDurable(root, folder);
    device ??= (await stat(root)).dev;
  }

  function cache(folder: string, creating: Promise<void>): void {
    durable.set(folder, creating);
    creating.catch(() => durable.delete(folder));
    for (const oldest of durable.keys()) {
      if (durable.size <= maxCachedFolders) return;
      durable.delete(oldest);
    }
  }

  return {
    async inside(folder, action) {
      await ensure(folder);
      try {
        return await action();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        durable.delete(folder); // a person removed it since
        await ensure(folder);
        return action();
      }
    },
  };
}

/**
 * @returns the device of an existing store; undefined when there is none yet, because its volume may still be
 *   mounted.
 */
async function storeDevice(root: string): Promise<number | undefined> {
  return stat(tempFolder(root)).then(
    ({ dev }) => dev,
    () => undefined,
  );
}

/**
 * A volume that is no longer mounted leaves an empty folder, or no folder. Deliveries stored there would be
 * hidden, and so lost, as soon as the volume is back. Therefore a store that disappeared is not created
 * again, and its file system must stay the one it was when this process started.
 */
async function refuseOtherStore(root: string, device: number): Promise<void> {
  if ((await findDevice(root)) === device) return void (await stat(root));
  const message = `The payload store's folder ${root} is on another file system than when this process started: mount its volume, or restart.`;
  throw Object.assign(new Error(message), { code: 'ENODEV', syscall: 'mkdir' });
}

/** @returns the device of the folder, or of its nearest existing parent. */
async function findDevice(folder: string): Promise<number> {
  try {
    return (await stat(folder)).dev;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    return findDevice(dirname(folder));
  }
}

/**
 * Syncs every folder on the way, also existing ones: another process may have just created one and not synced
 * it yet.
 */
async function makeDurable(root: string, folder: string): Promise<void> {
  const firstCreated = await mkdir(root, { recursive: true });
  if (firstCreated !== undefined)
    for (let created = root; created.length >= firstCreated.length; created = dirname(created))
      await syncFolder(dirname(created));
  await mkdir(folder, { recursive: true });
  let parent = root;
  for (const segment of relative(root, folder).split(sep)) {
    await syncFolder(parent);
    parent += sep + segment;
  }
}
