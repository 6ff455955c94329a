import { type FileHandle, unlink } from 'node:fs/promises';
import type { StagedPayload } from '../payload-store';

/** A batch is written when it reaches this many bytes. */
const batchBytes = 1024 * 1024;
/**
 * A batch is also written when it reaches this many chunks. One-byte chunks would otherwise fill the memory
 * with buffers. Below IOV_MAX (1024).
 */
const batchChunks = 256;

export interface StagedFileParts {
  readonly file: FileHandle;
  readonly path: string;
  /** Durably moves the synced and closed file to its key. */
  readonly moveTo: (key: string) => Promise<void>;
  /** Like `moveTo`, but returns false and leaves the file where it is when the key exists. */
  readonly moveIfAbsentTo: (key: string) => Promise<boolean>;
}

/** Writes one batch while it collects the next, so it keeps at most 2 MiB in memory. */
export function createStagedFile({ file, path, moveTo, moveIfAbsentTo }: StagedFileParts): StagedPayload {
  let batch: Uint8Array[] = [];
  let bytes = 0;
  let writing: Promise<void> = Promise.resolve();
  let state: 'open' | 'committed' | 'discarded' = 'open';

  function writeBatch(): void {
    const full = batch;
    [batch, bytes] = [[], 0];
    writing = writing.then(() => writeAll(file, full));
    // The next write, flush or commit throws the error. Until then, it must not crash the process.
    writing.catch(() => undefined);
  }

  /** @param move returns false when it did not move the file. */
  async function commit(key: string, move: (key: string) => Promise<boolean>): Promise<boolean> {
    if (state !== 'open') throw new Error(`Can't commit ${key}: its staged payload is already ${state}.`);
    try {
      if (batch.length > 0) writeBatch();
      await writing;
      await file.sync();
      await file.close();
      const isMoved = await move(key);
      if (isMoved) state = 'committed';
      return isMoved;
    } finally {
      if (state === 'open') await discard();
    }
  }

  async function discard(): Promise<void> {
    if (state !== 'open') return;
    state = 'discarded';
    await writing.catch(() => undefined);
    await file.close().catch(() => undefined);
    await unlink(path).catch(() => undefined); // the next start removes a file that can't be removed now
  }

  return {
    async write(chunk) {
      if (state !== 'open') throw new Error(`Can't write to a staged payload that is already ${state}.`);
      batch.push(chunk);
      bytes += chunk.length;
      if (bytes < batchBytes && batch.length < batchChunks) return;
      await writing;
      writeBatch();
    },
    async flush() {
      if (state !== 'open') throw new Error(`Can't flush a staged payload that is already ${state}.`);
      if (batch.length > 0) writeBatch();
      await writing;
    },
    async commit(key) {
      await commit(key, async () => {
        await moveTo(key);
        return true;
      });
    },
    commitIfAbsent: (key) => commit(key, moveIfAbsentTo),
    discard,
  };
}

async function writeAll(file: FileHandle, chunks: Uint8Array[]): Promise<void> {
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const { bytesWritten } = await file.writev(chunks);
  // A short write usually means that the disk is full. Then writing the rest throws ENOSPC.
  if (bytesWritten < total) await file.writeFile(Buffer.concat(chunks).subarray(bytesWritten));
}
