import { mkdir, stat } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import { tempFolder } from './temp-name';
import { syncFolder } from './sync-folder';

/** Folders remembered as durable, at most: a worker touches one more for every attempt, for months. */
const remembered = 1000;

export interface DurableFolders {
  /** Runs `action`, which needs the folder; makes the folder durable before its first use and when it has gone meanwhile. */
  inside<T>(folder: string, action: () => Promise<T>): Promise<T>;
}

/** Makes folders below `root` in a way that survives power loss. */
export function createDurableFolders(root: string): DurableFolders {
  const known = new Map<string, Promise<void>>();
  const atFirst = storeDevice(root);
  let device: number | undefined;

  // Callers at the same time share one promise: nobody may answer 202 before the folder that another one makes is durable.
  function ensure(folder: string): Promise<void> {
    const making = known.get(folder) ?? make(folder);
    if (!known.has(folder)) remember(folder, making);
    return making;
  }

  async function make(folder: string): Promise<void> {
    device ??= await atFirst;
    if (device !== undefined) await refuseOtherStore(root, device);
    await makeDurable(root, folder);
    device ??= (await stat(root)).dev;
  }

  function remember(folder: string, making: Promise<void>): void {
    known.set(folder, making);
    making.catch(() => known.delete(folder));
    for (const oldest of known.keys()) {
      if (known.size <= remembered) return;
      known.delete(oldest);
    }
  }

  return {
    async inside(folder, action) {
      await ensure(folder);
      try {
        return await action();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        known.delete(folder); // a person removed it since
        await ensure(folder);
        return action();
      }
    },
  };
}

/** The file system of a store that is there already; one that is not may still be mounted. */
async function storeDevice(root: string): Promise<number | undefined> {
  return stat(tempFolder(root)).then(
    ({ dev }) => dev,
    () => undefined,
  );
}

/**
 * A volume that is no longer mounted leaves an empty folder in its place, or none. Deliveries kept there would be hidden, and so lost,
 * as soon as it is back; so a store that has gone is not made again, and what was one file system when this process began stays that one.
 */
async function refuseOtherStore(root: string, device: number): Promise<void> {
  if ((await findDevice(root)) === device) return void (await stat(root));
  const message = `The payload store's folder ${root} is on another file system than when this process began: mount its volume, or restart.`;
  throw Object.assign(new Error(message), { code: 'ENODEV', syscall: 'mkdir' });
}

/** Of the folder, or of the nearest above it that is there. */
async function findDevice(folder: string): Promise<number> {
  try {
    return (await stat(folder)).dev;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    return findDevice(dirname(folder));
  }
}

/** Syncs every folder on the way, also those already there: another process may have made one a moment ago and not synced it yet. */
async function makeDurable(root: string, folder: string): Promise<void> {
  const firstMade = await mkdir(root, { recursive: true });
  if (firstMade !== undefined)
    for (let made = root; made.length >= firstMade.length; made = dirname(made))
      await syncFolder(dirname(made));
  await mkdir(folder, { recursive: true });
  let parent = root;
  for (const segment of relative(root, folder).split(sep)) {
    await syncFolder(parent);
    parent += sep + segment;
  }
}
