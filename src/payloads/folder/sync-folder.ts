import { open } from 'node:fs/promises';

/**
 * Makes the names in a folder durable. Without this, power loss may undo a rename even if the file itself was
 * synced.
 */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return; // Windows can't sync a folder; NTFS journals names anyway
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
