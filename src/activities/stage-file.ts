import { createHash } from 'node:crypto';
import type { PayloadStore } from '../payloads/payload-store';

/** A file that is being written into the store, with its size and hash. */
export interface StagedFile {
  /** Bytes written so far. */
  readonly bytes: number;
  /** Empty until `finish` or `commit` has returned. */
  readonly sha256: string;
  write(piece: string | Uint8Array): Promise<void>;
  /** Ends the file, so that its hash is known before it is committed. Idempotent; nothing may be written afterwards. */
  finish(): Promise<void>;
  commit(key: string): Promise<void>;
  /** @returns false when the object exists; it then stays as it is. */
  commitIfAbsent(key: string): Promise<boolean>;
  discard(): Promise<void>;
}

/** Bytes to collect before each write to the store: a plan has a million short lines. */
const bufferBytes = 64 * 1024;

export async function stageFile(store: PayloadStore): Promise<StagedFile> {
  const staged = await store.stage();
  const hash = createHash('sha256');
  let pieces: Uint8Array[] = [];
  let buffered = 0;
  let bytes = 0;
  let sha256 = '';
  const flush = async () => {
    if (buffered === 0) return;
    const chunk = Buffer.concat(pieces, buffered);
    pieces = [];
    buffered = 0;
    hash.update(chunk);
    await staged.write(chunk);
  };
  const finish = async () => {
    if (sha256 !== '') return;
    await flush();
    sha256 = hash.digest('hex');
  };
  return {
    get bytes() {
      return bytes;
    },
    get sha256() {
      return sha256;
    },
    async write(piece) {
      const chunk = typeof piece === 'string' ? Buffer.from(piece, 'utf8') : piece;
      pieces.push(chunk);
      buffered += chunk.byteLength;
      bytes += chunk.byteLength;
      if (buffered >= bufferBytes) await flush();
    },
    finish,
    async commit(key) {
      await finish();
      await staged.commit(key);
    },
    async commitIfAbsent(key) {
      await finish();
      return staged.commitIfAbsent(key);
    },
    discard: () => staged.discard(),
  };
}
