import { setTimeout as delay } from 'node:timers/promises';

/** Wakes one waiter before its time; rung while nobody waits, the next wait ends at once. */
export class Bell {
  private rung = false;
  private wake: (() => void) | undefined;

  ring(): void {
    this.rung = true;
    this.wake?.();
  }

  /** Resolves after `ms`, when the bell rings, or when `signal` aborts; leaves no timer behind. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.rung && !signal.aborted) {
      const stop = new AbortController();
      this.wake = () => stop.abort();
      await delay(ms, undefined, { signal: AbortSignal.any([signal, stop.signal]) }).catch(() => undefined);
      this.wake = undefined;
    }
    this.rung = false;
  }
}
