import { clock } from '../../clock/clock';
import { retryable } from '../failures';

/** Blocks this worker's calls to one destination until the time that the destination set with Retry-After. */
export class RetryAfterGate {
  private closedUntil = 0;

  /** @param now returns the time of a monotonic clock, in ms. */
  constructor(private readonly now: () => number = clock.monotonic) {}

  /** If the gate is already closed, the later of the two times counts. */
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
    if (left <= 0) return;
    const until = new Date(clock.now() + left).toISOString();
    throw retryable(
      `The labeling service asked to wait until ${until} (Retry-After).`,
      'LabelingTryAgain',
      left,
    );
  }
}
