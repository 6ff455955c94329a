import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/**
 * Time and chance, as one process sees them. Gateway and activities have no other source of either, so that a
 * test can run several of them in one process, each with its own clock, and repeat a run exactly.
 */
export interface Clock {
  /** Ms since 1970. Jumps when the computer's clock is set. */
  now(): number;
  /** Ms since any moment. Never goes back. */
  monotonic(): number;
  /** A number in [0, 1). */
  random(): number;
  /** Lower-case hex, two digits for each byte. Cryptographically random in production. */
  randomHex(bytes: number): string;
  /** Calls `run` once, after `ms`; never before `after` returns. @returns a function that cancels the call. */
  after(ms: number, run: () => void): () => void;
  /** Resolves after the work that the event loop has ready. */
  turn(): Promise<void>;
}

/** The computer's clock, and real chance. A pending `after` keeps the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  randomHex: (bytes) => randomBytes(bytes).toString('hex'),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  turn: () => new Promise((resolve) => setImmediate(resolve)),
};

const clocks = new AsyncLocalStorage<Clock>();

/** The clock of the current process: the one of `withClock`, otherwise the computer's. Its methods need no `this`. */
export const clock: Clock = {
  now: () => ownClock().now(),
  monotonic: () => ownClock().monotonic(),
  random: () => ownClock().random(),
  randomHex: (bytes) => ownClock().randomHex(bytes),
  after: (ms, run) => ownClock().after(ms, run),
  turn: () => ownClock().turn(),
};

function ownClock(): Clock {
  return clocks.getStore() ?? systemClock;
}

/** Runs `work`, and everything that it starts, with a clock of its own. Production code never calls it. */
export function withClock<T>(own: Clock, work: () => T): T {
  return clocks.run(own, work);
}

/** The current time: ISO 8601 with milliseconds, UTC. */
export function nowIso(): string {
  return new Date(clock.now()).toISOString();
}

/** Resolves after `ms`, or as soon as `signal` aborts. Never rejects and leaves no timer behind. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    signal?.addEventListener('abort', end);
  });
}

/** Calls `run` every `ms`, first after `ms`. @returns a function that stops it. */
export function every(ms: number, run: () => void): () => void {
  const own = ownClock(); // a timer keeps the clock on which it was started
  const tick = (): void => {
    cancel = own.after(ms, tick);
    run();
  };
  let cancel = own.after(ms, tick);
  return () => cancel();
}

/**
 * Runs `work` with a signal that aborts after `ms`, with a `TimeoutError` as its reason. Unlike
 * `AbortSignal.timeout`, it leaves no timer behind, and the signal is never garbage-collected before it aborts.
 */
export async function withTimeoutSignal<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const cancel = clock.after(ms, () =>
    controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
  );
  try {
    return await work(controller.signal);
  } finally {
    cancel();
  }
}
