import { open } from 'node:fs/promises';

/** Makes the names in a folder durable: without it a renamed file may be gone after power loss, though its bytes were synced. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return; // Windows cannot open a folder to sync it; NTFS journals names itself
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
