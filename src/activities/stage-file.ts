import { createHash } from 'node:crypto';
import type { PayloadStore } from '../payloads/payload-store';

/** Text or bytes on their way into the store, counted and hashed. */
export interface StagedFile {
  /** Bytes written so far. */
  readonly bytes: number;
  /** Of all bytes; read it after `commit`. */
  readonly sha256: string;
  write(piece: string | Uint8Array): Promise<void>;
  commit(key: string): Promise<void>;
  discard(): Promise<void>;
}

/** Pieces are gathered up to this many bytes: a plan has a million short lines. */
const gatherBytes = 64 * 1024;

export async function stageFile(store: PayloadStore): Promise<StagedFile> {
  const staged = await store.stage();
  const hash = createHash('sha256');
  let pieces: Uint8Array[] = [];
  let gathered = 0;
  let bytes = 0;
  let sha256 = '';
  const flush = async () => {
    if (gathered === 0) return;
    const chunk = Buffer.concat(pieces, gathered);
    pieces = [];
    gathered = 0;
    hash.update(chunk);
    await staged.write(chunk);
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
      gathered += chunk.byteLength;
      bytes += chunk.byteLength;
      if (gathered >= gatherBytes) await flush();
    },
    async commit(key) {
      await flush();
      sha256 = hash.digest('hex');
      await staged.commit(key);
    },
    discard: () => staged.discard(),
  };
}
