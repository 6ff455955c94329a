import type { PayloadStore } from '../../src/payloads/payload-store';

/** A store that awaits `act` before it commits a staged object. An error of `act` prevents the commit. */
export function beforeEachCommit(store: PayloadStore, act: (key: string) => Promise<void>): PayloadStore {
  return {
    ...store,
    stage: async () => {
      const staged = await store.stage();
      return {
        ...staged,
        commit: async (key) => (await act(key), staged.commit(key)),
        commitIfAbsent: async (key) => (await act(key), staged.commitIfAbsent(key)),
      };
    },
  };
}
