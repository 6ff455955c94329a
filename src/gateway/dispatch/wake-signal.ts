import { setTimeout as delay } from 'node:timers/promises';

/** Wakes one waiter before its time; rung while nobody waits, the next wait ends at once. */
export class WakeSignal {
  private isSet = false;
  private wake: (() => void) | undefined;

  set(): void {
    this.isSet = true;
    this.wake?.();
  }

  /** Resolves after `ms`, when the bell rings, or when `signal` aborts; leaves no timer behind. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.isSet && !signal.aborted) {
      const stop = new AbortController();
      this.wake = () => stop.abort();
      await delay(ms, undefined, { signal: AbortSignal.any([signal, stop.signal]) }).catch(() => undefined);
      this.wake = undefined;
    }
    this.isSet = false;
  }
}
