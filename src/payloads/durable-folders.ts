import { mkdir } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
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

  // Callers at the same time share one promise: nobody may answer 202 before the folder that another one makes is durable.
  function ensure(folder: string): Promise<void> {
    const making = known.get(folder) ?? makeDurable(root, folder);
    if (!known.has(folder)) remember(folder, making);
    return making;
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
        known.delete(folder); // somebody removed it since: `dev --fresh`, a person
        await ensure(folder);
        return action();
      }
    },
  };
}

/** Syncs every folder on the way, also those already there: another process may have made one a moment ago and not synced it yet. */
async function makeDurable(root: string, folder: string): Promise<void> {
  const firstMade = await mkdir(root, { recursive: true });
  if (firstMade !== undefined) for (let made = root; made.length >= firstMade.length; made = dirname(made)) await syncFolder(dirname(made));
  await mkdir(folder, { recursive: true });
  let parent = root;
  for (const segment of relative(root, folder).split(sep)) {
    await syncFolder(parent);
    parent += sep + segment;
  }
}
