/**
 * Caches an async result; concurrent callers share one call. A failure reaches all callers of its call and is
 * not cached.
 * @param keepMs returns for how many ms the result stays cached, from the ms that `load` took.
 */
export function cacheAsync<T>(load: () => Promise<T>, keepMs: (tookMs: number) => number): () => Promise<T> {
  let cached: Promise<T> | undefined;
  let expiresAt = 0;
  const loadAndCache = async (): Promise<T> => {
    const startedAt = performance.now();
    expiresAt = Infinity;
    try {
      const result = await load();
      const now = performance.now();
      expiresAt = now + keepMs(now - startedAt);
      return result;
    } catch (error) {
      expiresAt = 0;
      throw error;
    }
  };
  return () => {
    if (!cached || performance.now() >= expiresAt) cached = loadAndCache();
    return cached;
  };
}
