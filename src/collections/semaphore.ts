/** A semaphore that serves its waiters in FIFO order. */
export class Semaphore {
  private readonly waiting: (() => void)[] = [];

  /** @param free how many callers may hold the semaphore at the same time. */
  constructor(private free: number) {}

  async acquire(): Promise<void> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  release(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.free += 1;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.acquire();
    try {
      return await work();
    } finally {
      this.release();
    }
  }

  /**
   * Releases the semaphore while `wait` runs, then acquires it again. Only call it while holding the
   * semaphore.
   */
  async releaseDuring(wait: () => Promise<void>): Promise<void> {
    this.release();
    await wait();
    await this.acquire();
  }
}
