/** The minimum rate of an upload: `bytes` per `windowMs` that the gateway spends waiting for the sender. */
export interface UploadRate {
  readonly bytes: number;
  readonly windowMs: number;
}

/**
 * The minimum rate stops uploads from silent senders. There is no time-out for an entire upload, because a
 * body of 1 GiB may take days over a bad network.
 */
export const minUploadRate: UploadRate = { bytes: 10 * 1024, windowMs: 10_000 };

/** In ms of waiting. Before that no upload counts as slow, because every upload begins with some waiting. */
export const slowAfterMs = 2000;
/** Below 64 KiB/s (half a megabit per second) an upload is slow. */
const slowBytesPerMs = 64;

/**
 * Measures one upload. Only the time spent waiting for the sender counts, because a slow disk is not the
 * sender's fault.
 */
export class UploadWatch {
  private windowWaitedMs = 0;
  private windowBytes = 0;
  private totalWaitedMs = 0;
  private totalBytes = 0;

  constructor(private readonly rate: UploadRate) {}

  /** Waiting time left in the current window, in ms. */
  get remainingMs(): number {
    return this.rate.windowMs - this.windowWaitedMs;
  }

  /** Bytes per ms of waiting, over the entire upload. */
  get bytesPerMs(): number {
    return this.totalBytes / Math.max(1, this.totalWaitedMs);
  }

  /** True for a faulty sender, an attacker, or a very bad network. */
  get isSlow(): boolean {
    return this.totalWaitedMs >= slowAfterMs && this.bytesPerMs < slowBytesPerMs;
  }

  addBytes(bytes: number): void {
    this.windowBytes += bytes;
    this.totalBytes += bytes;
  }

  /** @returns true when this wait ends a window in which too few bytes arrived. */
  addWait(ms: number): boolean {
    this.windowWaitedMs += ms;
    this.totalWaitedMs += ms;
    if (this.windowWaitedMs < this.rate.windowMs) return false;
    const isStalled = this.windowBytes < this.rate.bytes;
    this.windowWaitedMs = 0;
    this.windowBytes = 0;
    return isStalled;
  }
}
