/**
 * Collects the bytes of one value at a time; the value may span several chunks. A value within one chunk is
 * not copied. A value that spans chunks is copied, so the caller may reuse the memory of earlier chunks.
 * Keeps at most as many bytes as the largest `limit`.
 */
export class Capture {
  private start = -1;
  private limit = 0;
  private held: Buffer = Buffer.alloc(0);
  private length = 0;

  /**
   * @param start the value's offset in the body.
   * @param limit maximum size of the value in bytes. For a longer value, `take` returns undefined.
   */
  begin(start: number, limit: number): void {
    this.start = start;
    this.limit = limit;
    this.length = 0;
  }

  /**
   * Copies the value's bytes from a chunk that ends before the value does.
   * @param chunkStart the chunk's offset in the body.
   */
  keep(chunk: Uint8Array, chunkStart: number): void {
    if (this.start < 0 || chunkStart + chunk.length - this.start > this.limit) return;
    const part = chunk.subarray(Math.max(0, this.start - chunkStart));
    this.makeRoom(this.length + part.length);
    this.held.set(part, this.length);
    this.length += part.length;
  }

  /**
   * @param end the value's end, as an offset in the body; it lies in this chunk.
   * @returns the complete value, valid until the next call; undefined when it is over its limit.
   */
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
