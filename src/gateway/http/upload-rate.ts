/** The minimum rate of an upload: `bytes` within every `windowMs` that the gateway waits for the sender. */
export interface UploadRate {
  readonly bytes: number;
  readonly windowMs: number;
}

/**
 * There is no total time-out, since 1 GiB may take days over a bad line. But a silent connection must not
 * keep its place.
 */
export const minUploadRate: UploadRate = { bytes: 10 * 1024, windowMs: 10_000 };

/** Not before 2 s: every upload begins with some waiting. */
export const slowAfterMs = 2000;
/** 64 KiB/s, half a megabit per second. */
const slowBytesPerMs = 64;

/**
 * Measures one upload. Only time spent waiting for the sender counts: a slow disk of the gateway is not the
 * sender's fault.
 */
export class UploadWatch {
  private windowWaitedMs = 0;
  private windowBytes = 0;
  private totalWaitedMs = 0;
  private totalBytes = 0;

  constructor(private readonly rate: UploadRate) {}

  /** Waiting time that is left in the current window. */
  get remainingMs(): number {
    return this.rate.windowMs - this.windowWaitedMs;
  }

  /** Bytes per ms of waiting, over the whole upload. */
  get bytesPerMs(): number {
    return this.totalBytes / Math.max(1, this.totalWaitedMs);
  }

  /** A faulty sender, an attacker, or a very bad line. */
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
