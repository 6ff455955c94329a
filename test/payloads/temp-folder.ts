import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Files here live in memory (Linux): for tests that store hundreds of deliveries and test nothing about the
 * disk.
 */
const memory = '/dev/shm';

/** Creates a folder for the tests of one file, and removes it after them. */
export function tempFolder({ inMemory = false }: { inMemory?: boolean } = {}): string {
  const folder = mkdtempSync(join(inMemory && existsSync(memory) ? memory : tmpdir(), 'requeue-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return folder;
}
