import { open } from 'node:fs/promises';

/**
 * Makes the names in a folder durable: without this, power loss may undo a rename even though the file was
 * synced.
 */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return; // Windows can't open a folder to sync it; NTFS journals names itself
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
