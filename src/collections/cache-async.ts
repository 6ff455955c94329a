/**
 * What `make` gives, kept after it came for as many ms as `keepMs` says: whoever asks meanwhile, or before it came, gets the same.
 * A failure is not kept.
 * @param keepMs is told how long `make` took, in ms.
 */
export function cacheAsync<T>(make: () => Promise<T>, keepMs: (tookMs: number) => number): () => Promise<T> {
  let last: Promise<T> | undefined;
  let usableUntil = 0;
  const begin = async (): Promise<T> => {
    const from = performance.now();
    usableUntil = Infinity;
    try {
      const made = await make();
      const now = performance.now();
      usableUntil = now + keepMs(now - from);
      return made;
    } catch (error) {
      usableUntil = 0;
      throw error;
    }
  };
  return () => {
    if (!last || performance.now() >= usableUntil) last = begin();
    return last;
  };
}
