import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where files live in memory, on Linux: for tests that keep hundreds of deliveries and ask nothing of the disk. */
const memory = '/dev/shm';

/** A new folder for the tests of a file, removed when they are done. */
export function tempFolder({ inMemory = false }: { inMemory?: boolean } = {}): string {
  const folder = mkdtempSync(join(inMemory && existsSync(memory) ? memory : tmpdir(), 'requeue-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return folder;
}
