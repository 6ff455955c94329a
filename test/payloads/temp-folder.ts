import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder for the tests of a file, removed when they are done. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'requeue-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
