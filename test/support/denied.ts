import type { PayloadStore } from '../../src/payloads/payload-store';

/** A store in which the file system denies access to some keys, as it does for files of another user. */
export function withDenied(store: PayloadStore, isDenied: (key: string) => boolean): PayloadStore {
  const check = (key: string): void => {
    if (isDenied(key))
      throw Object.assign(new Error(`EACCES: permission denied, ${key}`), { code: 'EACCES' });
  };
  return {
    ...store,
    async *read(key, range) {
      check(key);
      yield* store.read(key, range);
    },
    size: async (key) => (check(key), store.size(key)),
    list: async (prefix) => (check(prefix), store.list(prefix)),
  };
}
