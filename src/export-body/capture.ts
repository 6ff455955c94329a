/**
 * The bytes of one value at a time, which may go over several chunks. A value inside one chunk is not copied; of one that goes on,
 * what was seen is, so the sender of the chunks may use its buffer again. Holds no more than the longest value's limit.
 */
export class Capture {
  private start = -1;
  private limit = 0;
  private held: Buffer = Buffer.alloc(0);
  private length = 0;

  /** @param start offset of the value in the body. @param limit its bytes, at most. */
  begin(start: number, limit: number): void {
    this.start = start;
    this.limit = limit;
    this.length = 0;
  }

  /** Keeps what a chunk, which ends before the value does, holds of it. `chunkStart` is the chunk's offset in the body. */
  keep(chunk: Uint8Array, chunkStart: number): void {
    if (this.start < 0 || chunkStart + chunk.length - this.start > this.limit) return;
    const part = chunk.subarray(Math.max(0, this.start - chunkStart));
    this.makeRoom(this.length + part.length);
    this.held.set(part, this.length);
    this.length += part.length;
  }

  /** The whole value, which ends at `end` in this chunk; undefined when it is over its limit. Valid until the next call. */
  take(chunk: Uint8Array, chunkStart: number, end: number): Buffer | undefined {
    const start = this.start;
    this.start = -1;
    if (start < 0 || end - start > this.limit) return undefined;
    const here = chunk.subarray(Math.max(0, start - chunkStart), end - chunkStart);
    if (this.length === 0) return Buffer.from(here.buffer, here.byteOffset, here.byteLength);
    this.makeRoom(this.length + here.length);
    this.held.set(here, this.length);
    return this.held.subarray(0, this.length + here.length);
  }

  private makeRoom(size: number): void {
    if (size <= this.held.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.min(this.limit, Math.max(size, this.held.length * 2, 4096)));
    this.held.copy(larger, 0, 0, this.length);
    this.held = larger;
  }
}
