/** The least a sender must send: `bytes` in every `windowMs` that we wait for it, until the body ends. */
export interface UploadRate {
  readonly bytes: number;
  readonly windowMs: number;
}

/** 1 GiB may take days over a bad line; a connection that sends nothing may not hold its place. So: no total time-out, but this. */
export const leastUploadRate: UploadRate = { bytes: 10 * 1024, windowMs: 10_000 };

/** Every upload begins with some waiting. */
export const slowAfterMs = 2000;
/** 64 KiB/s, half a megabit a second. */
const slowBytesPerMs = 64;

/** Watches one upload. Only the time in which we wait for the sender counts: a slow disk of ours is not its fault. */
export class UploadWatch {
  private waitedMs = 0;
  private received = 0;
  private waitedInAllMs = 0;
  private receivedInAll = 0;

  constructor(private readonly rate: UploadRate) {}

  /** How long to wait for the sender before the window is over, in ms. */
  get leftMs(): number {
    return this.rate.windowMs - this.waitedMs;
  }

  /** Bytes per ms that we waited for the sender. */
  get bytesPerMs(): number {
    return this.receivedInAll / Math.max(1, this.waitedInAllMs);
  }

  /** Worth counting: a sender at fault, an attacker, or a very bad line. */
  get isSlow(): boolean {
    return this.waitedInAllMs >= slowAfterMs && this.bytesPerMs < slowBytesPerMs;
  }

  took(bytes: number): void {
    this.received += bytes;
    this.receivedInAll += bytes;
  }

  /** Counts time that was waited; answers whether the window is over with too little received. */
  stalledAfter(ms: number): boolean {
    this.waitedMs += ms;
    this.waitedInAllMs += ms;
    if (this.waitedMs < this.rate.windowMs) return false;
    const tooLittle = this.received < this.rate.bytes;
    this.waitedMs = 0;
    this.received = 0;
    return tooLittle;
  }
}
