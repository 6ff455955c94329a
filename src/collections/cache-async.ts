import { clock } from '../clock/clock';

/**
 * Caches an async result. Concurrent callers share one call to `load`. If it fails, they all get the error,
 * and nothing is cached.
 * @param keepMs returns how many ms to cache the result, given how many ms `load` took.
 */
export function cacheAsync<T>(load: () => Promise<T>, keepMs: (tookMs: number) => number): () => Promise<T> {
  let cached: Promise<T> | undefined;
  let expiresAt = 0;
  const loadAndCache = async (): Promise<T> => {
    const startedAt = clock.monotonic();
    expiresAt = Infinity;
    try {
      const result = await load();
      const now = clock.monotonic();
      expiresAt = now + keepMs(now - startedAt);
      return result;
    } catch (error) {
      expiresAt = 0;
      throw error;
    }
  };
  return () => {
    if (!cached || clock.monotonic() >= expiresAt) cached = loadAndCache();
    return cached;
  };
}
