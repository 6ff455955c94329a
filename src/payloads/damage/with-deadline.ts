import { clock } from '../../clock/clock';
import type { PayloadStore } from '../payload-store';

/** The deadline has passed. */
export class TimeIsOver extends Error {
  override readonly name = 'TimeIsOver';
}

/**
 * A store whose reads and lists throw `TimeIsOver` after a deadline, also in the middle of a file.
 * @param untilMs in ms since 1970.
 */
export function withDeadline(store: PayloadStore, untilMs: number): PayloadStore {
  const check = (): void => {
    if (clock.now() > untilMs) throw new TimeIsOver();
  };
  return {
    ...store,
    async *read(key, range) {
      for await (const chunk of store.read(key, range)) {
        check();
        yield chunk;
      }
    },
    list: (prefix) => {
      check();
      return store.list(prefix);
    },
  };
}
