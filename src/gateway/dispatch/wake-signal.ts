import { delay } from '../../clock/clock';

/** An auto-reset event for one waiter. If it is set while nothing waits, the next wait ends immediately. */
export class WakeSignal {
  private isSet = false;
  private wake: (() => void) | undefined;

  set(): void {
    this.isSet = true;
    this.wake?.();
  }

  /** Resolves after `ms`, when the event is set, or when `signal` aborts. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.isSet && !signal.aborted) {
      const stop = new AbortController();
      this.wake = () => stop.abort();
      await delay(ms, AbortSignal.any([signal, stop.signal]));
      this.wake = undefined;
    }
    this.isSet = false;
  }
}
