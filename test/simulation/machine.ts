import { AsyncResource } from 'node:async_hooks';
import { type Clock, withClock } from '../../src/clock/clock';
import type { Random } from '../support/seeded-random';
import type { Timeline } from './timeline';

/** Longest time of an ordinary reading, writing or call, in ms. */
const ordinaryMs = 40;

/**
 * A process of the simulation: it has its own clock, and can be killed, frozen and started again. Its code reaches
 * the world outside only through `io` and its clock.
 */
export class Machine {
  state: 'running' | 'frozen' | 'dead' = 'running';
  /** How far its clock runs ahead, in ms. */
  skewMs = 0;
  /** Multiplies the time of every reading and writing. */
  slowness = 1;
  /** Epoch ms. When its last delay ended or will end: it was frozen, or its disk was slow. */
  delayedUntil = 0;
  /** Number of its starts. No result of what an earlier start began is delivered. */
  private life = 1;
  private waiting: (() => void)[] = [];
  readonly clock: Clock;

  constructor(
    readonly name: string,
    private readonly timeline: Timeline,
    private readonly random: Random,
  ) {
    this.clock = {
      now: () => Math.floor(timeline.now) + this.skewMs,
      monotonic: () => timeline.now,
      random: () => random.next(),
      randomHex: (bytes) =>
        Array.from({ length: bytes }, () => random.integer(0, 255).toString(16).padStart(2, '0')).join(''),
      after: (ms, run) => {
        const context = new AsyncResource('timer'); // the run belongs to the code that started the timer
        return timeline.after(
          ms,
          `${name}: timer`,
          this.delivery(() => context.runInAsyncScope(run)),
        );
      },
      turn: () => Promise.resolve(),
    };
  }

  /** Runs code of this machine. */
  run<T>(work: () => T): T {
    return withClock(this.clock, work);
  }

  kill(): void {
    this.state = 'dead';
    this.life += 1;
    this.waiting = [];
  }

  freeze(): void {
    this.state = 'frozen';
  }

  /** What came in while it was frozen happens now, in order. */
  thaw(): void {
    this.state = 'running';
    this.delayedUntil = Math.max(this.delayedUntil, this.timeline.now);
    const { waiting } = this;
    this.waiting = [];
    for (const run of waiting) this.timeline.after(0, `${this.name}: thawed`, this.delivery(run));
  }

  start(): void {
    this.state = 'running';
  }

  /**
   * The world outside does something for this machine, and then the machine learns the result. If it is killed
   * meanwhile, the world may have done it all the same.
   * @param effect throws if the world refuses.
   */
  io<T>(what: string, effect: () => T, ms = this.ordinaryDelay()): Promise<T> {
    const { life } = this;
    return new Promise((resolve, reject) => {
      if (ms === 0) return settle(effect, resolve, reject);
      this.timeline.after(ms, `${this.name}: ${what}`, () => {
        if (this.life !== life) {
          if (this.random.chance(0.5)) settle(effect, ignore, ignore);
          return;
        }
        settle(
          effect,
          (value) => this.deliver(life, () => resolve(value)),
          (error) => this.deliver(life, () => reject(error as Error)),
        );
      });
    });
  }

  /** Something arrives at this machine from outside; a frozen one gets it when it thaws. */
  receive(what: string, run: () => void | Promise<void>): void {
    const { life } = this;
    this.timeline.after(0, `${this.name}: gets ${what}`, () => {
      if (this.life !== life || this.state === 'dead') return;
      if (this.state === 'frozen') {
        this.waiting.push(() => void run());
        return;
      }
      return run();
    });
  }

  /** Resolves when `outside` does, if the machine still lives then. */
  wait<T>(outside: Promise<T>): Promise<T> {
    const { life } = this;
    return new Promise((resolve, reject) => {
      outside.then(
        (value) => this.deliver(life, () => resolve(value)),
        (error: unknown) => this.deliver(life, () => reject(error as Error)),
      );
    });
  }

  /** Most readings and writings take no time, which makes the simulation fast; the others let the rest go first. */
  private ordinaryDelay(): number {
    return this.random.chance(0.7) ? 0 : this.random.integer(1, ordinaryMs) * this.slowness;
  }

  private delivery(run: () => void): () => void {
    const { life } = this;
    return () => this.deliver(life, run);
  }

  private deliver(life: number, run: () => void): void {
    if (this.life !== life) return;
    if (this.state === 'frozen') this.waiting.push(run);
    else run();
  }
}

function settle<T>(effect: () => T, resolve: (value: T) => void, reject: (error: unknown) => void): void {
  let value: T;
  try {
    value = effect();
  } catch (error) {
    return reject(error);
  }
  resolve(value);
}

function ignore(): void {}
