import { type FileHandle, unlink } from 'node:fs/promises';
import type { StagedPayload } from '../payload-store';

/** A batch is written when it has this many bytes ... */
const batchBytes = 1024 * 1024;
/** ... or chunks, so that one-byte chunks don't fill the memory with buffers; below IOV_MAX (1024). */
const batchChunks = 256;

export interface StagedFileParts {
  readonly file: FileHandle;
  readonly path: string;
  /** Moves the synced and closed file to its key, durably. */
  readonly moveTo: (key: string) => Promise<void>;
}

/** Writes one batch while it collects the next, so at most 2 MiB are in memory. */
export function createStagedFile({ file, path, moveTo }: StagedFileParts): StagedPayload {
  let batch: Uint8Array[] = [];
  let bytes = 0;
  let writing: Promise<void> = Promise.resolve();
  let state: 'open' | 'committed' | 'discarded' = 'open';

  function writeBatch(): void {
    const full = batch;
    [batch, bytes] = [[], 0];
    writing = writing.then(() => writeAll(file, full));
    writing.catch(() => undefined); // the next write or commit throws it; without one it must not end the process
  }

  async function commit(key: string): Promise<void> {
    if (state !== 'open') throw new Error(`A staged payload was ${state} before its commit as ${key}.`);
    if (batch.length > 0) writeBatch();
    await writing;
    await file.sync();
    await file.close();
    await moveTo(key);
    state = 'committed';
  }

  async function discard(): Promise<void> {
    if (state !== 'open') return;
    state = 'discarded';
    await writing.catch(() => undefined);
    await file.close().catch(() => undefined);
    await unlink(path).catch(() => undefined); // a file that can't be removed now is swept at the next start
  }

  return {
    async write(chunk) {
      if (state !== 'open') throw new Error(`A staged payload was ${state} before its last write.`);
      batch.push(chunk);
      bytes += chunk.length;
      if (bytes < batchBytes && batch.length < batchChunks) return;
      await writing;
      writeBatch();
    },
    async flush() {
      if (state !== 'open') throw new Error(`A staged payload was ${state} before its flush.`);
      if (batch.length > 0) writeBatch();
      await writing;
    },
    async commit(key) {
      try {
        await commit(key);
      } catch (error) {
        await discard();
        throw error;
      }
    },
    discard,
  };
}

async function writeAll(file: FileHandle, chunks: Uint8Array[]): Promise<void> {
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const { bytesWritten } = await file.writev(chunks);
  // A short write means a nearly full disk: writing the rest throws ENOSPC.
  if (bytesWritten < total) await file.writeFile(Buffer.concat(chunks).subarray(bytesWritten));
}
