/** Closed until the instant a destination named in Retry-After: no call of this worker to it begins before. */
export class RetryAfterGate {
  private closedUntil = 0;

  constructor(private readonly now: () => number = Date.now) {}

  close(forMs: number): void {
    this.closedUntil = Math.max(this.closedUntil, this.now() + forMs);
  }

  /** Milliseconds until calls may begin; 0 when they may. */
  msLeft(): number {
    return Math.max(0, this.closedUntil - this.now());
  }
}
