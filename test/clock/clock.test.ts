import {
  clock,
  type Clock,
  delay,
  every,
  nowIso,
  systemClock,
  withClock,
  withTimeoutSignal,
} from '../../src/clock/clock';

describe('The computer’s clock', () => {
  it('nowIso is the time of Date', () => {
    const before = new Date().toISOString();
    const now = nowIso();
    expect([before, now, new Date().toISOString()].sort()[1]).toBe(now);
  });

  it('Monotonic time does not go back', () => {
    const from = clock.monotonic();
    expect(clock.monotonic()).toBeGreaterThanOrEqual(from);
  });

  it.each([1, 6, 16])(
    'randomHex(%d) has two lower-case digits for each byte, and differs each time',
    (bytes) => {
      const drawn = Array.from({ length: 40 }, () => clock.randomHex(bytes));
      for (const hex of drawn) expect(hex).toMatch(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
      expect(new Set(drawn).size).toBeGreaterThan(1);
    },
  );

  it('A random number is at least 0 and less than 1', () => {
    for (let drawn = 0; drawn < 100; drawn += 1) {
      const number = clock.random();
      expect(number >= 0 && number < 1).toBe(true);
    }
  });

  it('A cancelled call is never made; another is made once', async () => {
    const calls: string[] = [];
    const cancel = clock.after(0, () => calls.push('cancelled'));
    cancel();
    await new Promise<void>((resolve) =>
      clock.after(0, () => {
        calls.push('made');
        resolve();
      }),
    );
    await clock.turn();
    expect(calls).toEqual(['made']);
  });

  it('Work that the event loop has ready runs before a turn ends', async () => {
    const order: string[] = [];
    setImmediate(() => order.push('other work'));
    await clock.turn();
    order.push('after the turn');
    expect(order).toEqual(['other work', 'after the turn']);
  });
});

describe('withClock', () => {
  it('gives work, and everything that it starts, a clock of its own', async () => {
    const one = createTestClock(1000);
    const two = createTestClock(2000);
    const read = async () => {
      const first = nowIso();
      await systemClock.turn();
      return [first, clock.now(), clock.monotonic(), clock.random(), clock.randomHex(2)];
    };
    expect(await Promise.all([withClock(one, read), withClock(two, read)])).toEqual([
      ['1970-01-01T00:00:01.000Z', 1000, 1000, 0.5, 'abab'],
      ['1970-01-01T00:00:02.000Z', 2000, 2000, 0.5, 'abab'],
    ]);
    expect(clock.now()).toBeGreaterThan(2000);
  });

  it('returns what the work returns, and passes on its error', () => {
    const own = createTestClock(0);
    expect(withClock(own, () => 7)).toBe(7);
    expect(() => withClock(own, () => JSON.parse('{'))).toThrow(SyntaxError);
  });
});

describe('delay', () => {
  it('ends after its time', async () => {
    const own = createTestClock(0);
    const ended = jest.fn();
    const delayed = withClock(own, () => delay(50)).then(ended);
    own.pass(49);
    await systemClock.turn();
    expect(ended).not.toHaveBeenCalled();
    own.pass(1);
    await delayed;
    expect(own.pending()).toBe(0);
  });

  it.each(['before', 'during'])(
    'ends when its signal aborts (%s the wait), and leaves no timer behind',
    async (when) => {
      const own = createTestClock(0);
      const stop = new AbortController();
      if (when === 'before') stop.abort();
      const delayed = withClock(own, () => delay(50, stop.signal));
      stop.abort();
      await delayed;
      expect(own.pending()).toBe(0);
    },
  );

  it('does not end again when its signal aborts later', async () => {
    const own = createTestClock(0);
    const stop = new AbortController();
    const remove = jest.spyOn(stop.signal, 'removeEventListener');
    const delayed = withClock(own, () => delay(50, stop.signal));
    own.pass(50);
    await delayed;
    expect(remove).toHaveBeenCalledTimes(1); // a signal that lives as long as the process must not collect listeners
  });
});

describe('every', () => {
  it('calls again and again, until it is stopped', () => {
    const own = createTestClock(0);
    const calls: number[] = [];
    const stop = withClock(own, () => every(10, () => calls.push(own.now())));
    own.pass(35);
    stop();
    own.pass(100);
    expect(calls).toEqual([10, 20, 30]);
    expect(own.pending()).toBe(0);
  });

  it('can be stopped by its own call', () => {
    const own = createTestClock(0);
    let calls = 0;
    const stop = withClock(own, () =>
      every(10, () => {
        calls += 1;
        stop();
      }),
    );
    own.pass(100);
    expect([calls, own.pending()]).toEqual([1, 0]);
  });
});

describe('withTimeoutSignal', () => {
  it('aborts with a TimeoutError after its time', async () => {
    const own = createTestClock(0);
    const work = withClock(own, () => withTimeoutSignal(50, untilAborted));
    own.pass(50);
    await expect(work).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('leaves no timer behind, whether the work ends or fails', async () => {
    const own = createTestClock(0);
    expect(await withClock(own, () => withTimeoutSignal(50, () => Promise.resolve('done')))).toBe('done');
    const failing = () => withTimeoutSignal(50, () => Promise.reject(new Error('broken')));
    await expect(withClock(own, failing)).rejects.toThrow('broken');
    expect(own.pending()).toBe(0);
  });

  it('aborts a signal that was joined with it', async () => {
    const joined = withTimeoutSignal(1, (signal) =>
      untilAborted(AbortSignal.any([signal, new AbortController().signal])),
    );
    await expect(joined).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

async function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
}

interface TestClock extends Clock {
  /** Lets time pass, and makes the calls that become due. */
  pass(ms: number): void;
  /** How many calls are neither made nor cancelled. */
  pending(): number;
}

function createTestClock(startMs: number): TestClock {
  let now = startMs;
  const calls = new Set<{ at: number; run: () => void }>();
  const nextUntil = (end: number) => [...calls].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    monotonic: () => now,
    random: () => 0.5,
    randomHex: (bytes) => 'ab'.repeat(bytes),
    after(ms, run) {
      const call = { at: now + ms, run };
      calls.add(call);
      return () => calls.delete(call);
    },
    turn: () => Promise.resolve(),
    pass(ms) {
      const end = now + ms;
      for (let next = nextUntil(end); next; next = nextUntil(end)) {
        calls.delete(next);
        now = next.at;
        next.run();
      }
      now = end;
    },
    pending: () => calls.size,
  };
}
