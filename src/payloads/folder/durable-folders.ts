import { mkdir, stat } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import { tempFolder } from './temp-name';
import { syncFolder } from './sync-folder';

/** Maximum folders cached as durable. A worker runs for months, and every attempt adds a folder. */
const maxCachedFolders = 1000;

export interface DurableFolders {
  /** Makes the folder durable, then runs `action`. Repeats both once if the folder is missing by then. */
  inside<T>(folder: string, action: () => Promise<T>): Promise<T>;
}

/** Creates folders below `root` so that they survive power loss. */
export function createDurableFolders(root: string): DurableFolders {
  const durable = new Map<string, Promise<void>>();
  const deviceAtStart = storeDevice(root);
  let device: number | undefined;

  // Concurrent callers share one promise. Without it, a request could get its 202 before its folder, which
  // another request is creating, is durable.
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
        durable.delete(folder); // a person or program has removed it
        await ensure(folder);
        return action();
      }
    },
  };
}

/**
 * @returns the device of an existing store. Undefined when there is no store yet: its volume may be mounted
 *   later.
 */
async function storeDevice(root: string): Promise<number | undefined> {
  return stat(tempFolder(root)).then(
    ({ dev }) => dev,
    () => undefined,
  );
}

/**
 * An unmounted volume leaves an empty folder or no folder. Deliveries stored in such a folder would be
 * hidden, and thus lost, once the volume is mounted again. Therefore Requeue does not recreate a store that
 * disappeared, and refuses a store on another file system than at the start of this process.
 */
async function refuseOtherStore(root: string, device: number): Promise<void> {
  if ((await findDevice(root)) === device) return void (await stat(root));
  const message = `The payload store's folder ${root} is not on the file system that it was on when this process started: mount its volume, or restart.`;
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
 * Syncs every folder on the path, including existing ones: another process may have created one just now and
 * not have synced it yet.
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
