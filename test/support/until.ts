/**
 * Pauses between checks, in ms: short at first, then longer, because each check slows down the code under
 * test.
 */
const pauses = { first: 10, factor: 1.25, max: 100 };

/**
 * Waits until `check` returns neither undefined nor false. An error of `check` counts as "not yet".
 * @param what completes the message "Timed out while waiting for ...".
 */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 30_000,
  everyMs?: number,
): Promise<T> {
  let pauseMs = everyMs ?? pauses.first;
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const result = await check();
      if (result !== undefined && result !== false) return result;
      last = result;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline)
      throw new Error(
        `Timed out while waiting for ${what}; last result: ${last instanceof Error ? last.message : String(last)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = everyMs ?? Math.min(pauseMs * pauses.factor, pauses.max);
  }
}
