/** Between two looks, in ms: soon at first, less often in a long wait, where each look takes time from what is waited for. */
const usually = { first: 10, grows: 1.25, longest: 100 };

/** Waits until `look` answers something other than undefined or false; an error of it counts as "not yet". Never a bare sleep. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 30_000,
  everyMs?: number,
): Promise<T> {
  let pauseMs = everyMs ?? usually.first;
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline)
      throw new Error(
        `Waited in vain for ${what}; last: ${last instanceof Error ? last.message : String(last)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = everyMs ?? Math.min(pauseMs * usually.grows, usually.longest);
  }
}
