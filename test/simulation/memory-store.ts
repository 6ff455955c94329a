import { PayloadNotFound, type PayloadStore, type StagedPayload } from '../../src/payloads/payload-store';
import type { Disk, Synced } from './disk';
import type { Machine } from './machine';

/** The payload store as a machine sees it: on the disk that all machines share. */
export function createMemoryStore(machine: Machine, disk: Disk): PayloadStore {
  const io = <T>(what: string, effect: () => T): Promise<T> => machine.io(what, effect, disk.delay());
  const find = (key: string): Buffer => {
    disk.failIfFaulty(false);
    const bytes = disk.files.get(key);
    if (!bytes) throw new PayloadNotFound(key);
    return bytes;
  };
  /** The change happens, and then, unless the machine is killed meanwhile, it learns that it is synced. */
  const change = async <T>(what: string, effect: () => { synced: Synced; result: T }): Promise<T> => {
    const { synced, result } = await io(what, () => {
      disk.failIfFaulty(true);
      return effect();
    });
    if (synced) await machine.wait(synced);
    return result;
  };
  return {
    stage: async () => stage(disk, change),
    async *read(key, range) {
      const bytes = await io(`read ${key}`, () => find(key));
      yield bytes.subarray(range?.start ?? 0, range?.end ?? bytes.length);
    },
    size: (key) => io(`size ${key}`, () => find(key).length),
    replace: (key, bytes) =>
      change(`replace ${key}`, () =>
        disk.files.has(key)
          ? { synced: disk.overwrite(key, Buffer.from(bytes)), result: true }
          : { synced: undefined, result: false },
      ),
    list: (prefix) =>
      io(`list ${prefix}`, () => {
        disk.failIfFaulty(false);
        return disk.list(prefix);
      }),
    remove: (key) => change(`remove ${key}`, () => ({ synced: disk.remove(key), result: undefined })),
    check: () => change('check', () => ({ synced: undefined, result: undefined })),
  };
}

type Change = <T>(what: string, effect: () => { synced: Synced; result: T }) => Promise<T>;

function stage(disk: Disk, change: Change): StagedPayload {
  let chunks: Buffer[] | undefined = [];
  let isCommitted = false;
  const open = (doing: string): Buffer[] => {
    if (chunks) return chunks;
    const state = isCommitted ? 'committed' : 'discarded';
    throw new Error(
      doing === 'flush' || doing === 'write'
        ? `Can't ${doing} a staged payload that is already ${state}.`
        : `Can't ${doing}: its staged payload is already ${state}.`,
    );
  };
  const take = (doing: string): Buffer => {
    const bytes = Buffer.concat(open(doing));
    chunks = undefined;
    return bytes;
  };
  return {
    async write(chunk) {
      disk.failIfFaulty(true);
      open('write').push(Buffer.from(chunk));
    },
    async flush() {
      open('flush');
      disk.failIfFaulty(true);
    },
    async commit(key) {
      const bytes = take(`commit ${key}`);
      await change(`commit ${key}`, () => ({ synced: disk.write(key, bytes), result: undefined }));
      isCommitted = true;
    },
    async commitIfAbsent(key) {
      const bytes = take(`commit ${key}`);
      return change(`create ${key}`, () =>
        disk.files.has(key)
          ? { synced: undefined, result: false }
          : { synced: disk.write(key, bytes), result: true },
      );
    },
    async discard() {
      chunks = undefined;
    },
  };
}
