import { retryable } from '../failures';

/** Holds back the calls of this worker to one destination until the time that it named in Retry-After. */
export class RetryAfterGate {
  private closedUntil = 0;

  /** @param now milliseconds of a clock that never goes backwards. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Keeps the later of two closings. */
  close(forMs: number): void {
    this.closedUntil = Math.max(this.closedUntil, this.now() + forMs);
  }

  /** Milliseconds until calls may begin; 0 when the gate is open. */
  msLeft(): number {
    return Math.max(0, this.closedUntil - this.now());
  }

  /** @throws {ApplicationFailure} while the gate is closed; Temporal retries when it opens. */
  pass(): void {
    const left = this.msLeft();
    if (left > 0)
      throw retryable('The labeling service asked to wait (Retry-After).', 'LabelingTryAgain', left);
  }
}
