/**
 * Caches an async result. Concurrent callers share one call to `load`. If it fails, they all get the error,
 * and nothing is cached.
 * @param keepMs returns how many ms to cache the result, given how many ms `load` took.
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
