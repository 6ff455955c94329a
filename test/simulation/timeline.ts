/** Something that happens at a time of the simulation. */
interface Happening {
  readonly at: number;
  readonly order: number;
  readonly what: string;
  readonly run: () => void | Promise<void>;
  isCancelled: boolean;
}

/**
 * The time of the simulation. It stands still while code runs, and jumps to the next happening when nothing is
 * left to run. Happenings of the same time happen in the order in which they were added.
 */
export class Timeline {
  /** Epoch ms. */
  now: number;
  /** Number of happenings so far. */
  steps = 0;
  private order = 0;
  private readonly heap: Happening[] = [];

  constructor(
    start: number,
    private readonly onStep: (at: number, what: string) => void,
  ) {
    this.now = start;
  }

  /** @returns a function that cancels it. */
  after(ms: number, what: string, run: () => void | Promise<void>): () => void {
    const happening = {
      at: this.now + Math.max(0, ms),
      order: (this.order += 1),
      what,
      run,
      isCancelled: false,
    };
    this.push(happening);
    return () => {
      happening.isCancelled = true;
    };
  }

  /** Runs everything until this time. `afterStep` is called when the code that a happening started has run. */
  async runUntil(end: number, afterStep: () => void): Promise<void> {
    for (let next = this.heap[0]; next && next.at <= end; next = this.heap[0]) {
      this.pop();
      if (next.isCancelled) continue;
      this.now = next.at;
      this.steps += 1;
      this.onStep(next.at, next.what);
      await next.run();
      await settled();
      afterStep();
    }
    this.now = Math.max(this.now, end);
  }

  private push(happening: Happening): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(happening);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(happening, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = happening;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Resolves when no code is left that can run without another happening. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
