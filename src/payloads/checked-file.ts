import { createHash } from 'node:crypto';
import type { AttemptRef } from '../domain/attempt-ref';
import { ChangedFile } from './changed-file';
import { type ByteRange, PayloadNotFound, type PayloadStore } from './payload-store';
import { readUnchangedFile } from './read-unchanged-file';
import { readBytes } from './small-objects';

/** Small enough to read a few labels cheaply, large enough to keep the hashes of a large file small. */
const blockBytes = 64 * 1024;
const hashBytes = 32;

/**
 * A file of an attempt whose bytes were right when they were hashed. Keeps a hash per block, so that each later
 * read yields exactly the bytes that were hashed, whatever has happened to the file since.
 */
export class CheckedFile {
  private constructor(
    private readonly store: PayloadStore,
    private readonly ref: AttemptRef,
    private readonly key: string,
    /** In bytes. */
    readonly size: number,
    /** The sha256 of each block, one after the other. */
    private readonly blockHashes: Buffer,
  ) {}

  /**
   * Reads the entire file.
   * @param sha256 the hash from the plan.
   * @param onBlock called before each block is hashed.
   * @throws {ChangedFile} when the file is missing or its hash differs.
   */
  static async open(
    store: PayloadStore,
    ref: AttemptRef,
    key: string,
    sha256: string,
    onBlock?: () => void,
  ): Promise<CheckedFile> {
    return CheckedFile.hash(store, ref, key, readUnchangedFile(store, ref, key, sha256), onBlock);
  }

  /**
   * Reads the entire file, for a caller that checks the bytes itself: it reads them with `read`.
   * @throws {PayloadNotFound}
   */
  static async openUnchecked(store: PayloadStore, ref: AttemptRef, key: string): Promise<CheckedFile> {
    return CheckedFile.hash(store, ref, key, store.read(key));
  }

  private static async hash(
    store: PayloadStore,
    ref: AttemptRef,
    key: string,
    content: AsyncIterable<Uint8Array>,
    onBlock: () => void = () => undefined,
  ): Promise<CheckedFile> {
    const hashes: Buffer[] = [];
    let size = 0;
    for await (const block of intoBlocks(content)) {
      onBlock();
      hashes.push(hashOf(block));
      size += block.length;
    }
    return new CheckedFile(store, ref, key, size, Buffer.concat(hashes));
  }

  /**
   * @param range the whole file by default; bytes behind the file's end don't count.
   * @throws {ChangedFile} before the first byte of a block that is no longer as it was hashed.
   */
  async *read({ start, end }: ByteRange = { start: 0, end: this.size }): AsyncGenerator<Uint8Array> {
    const last = Math.min(end, this.size);
    for (let from = start - (start % blockBytes); from < last; from += blockBytes) {
      const block = await this.readBlock(from);
      yield block.subarray(Math.max(0, start - from), last - from);
    }
  }

  private async readBlock(from: number): Promise<Buffer> {
    const range = { start: from, end: Math.min(this.size, from + blockBytes) };
    const block = await readBytes(this.store, this.key, range).catch((error: unknown) => {
      if (error instanceof PayloadNotFound) throw ChangedFile.missing(this.ref, this.key);
      throw error;
    });
    const at = (from / blockBytes) * hashBytes;
    if (!hashOf(block).equals(this.blockHashes.subarray(at, at + hashBytes)))
      throw new ChangedFile(this.ref, this.key, 'was changed after it was checked');
    return block;
  }
}

/** Splits a byte stream into blocks of the same size; the last one may be smaller. */
async function* intoBlocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let start = 0;
    for (; bytes.length - start >= blockBytes; start += blockBytes)
      yield bytes.subarray(start, start + blockBytes);
    rest = bytes.subarray(start);
  }
  if (rest.length > 0) yield rest;
}

function hashOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
