import { retryable } from '../failures';

/** Closed until the instant a destination named in Retry-After: no call of this worker to it begins before. */
export class RetryAfterGate {
  private closedUntil = 0;

  /** @param now milliseconds; a clock that never jumps back. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  close(forMs: number): void {
    this.closedUntil = Math.max(this.closedUntil, this.now() + forMs);
  }

  /** Milliseconds until calls may begin; 0 when they may. */
  msLeft(): number {
    return Math.max(0, this.closedUntil - this.now());
  }

  /** @throws {ApplicationFailure} while it is closed: tried again when it opens. */
  pass(): void {
    const left = this.msLeft();
    if (left > 0)
      throw retryable('The labeling service asked to wait (Retry-After).', 'LabelingTryAgain', left);
  }
}
