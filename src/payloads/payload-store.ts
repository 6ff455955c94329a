/** There is no such object. */
export class PayloadNotFound extends Error {
  override readonly name = 'PayloadNotFound';
  constructor(readonly key: string) {
    super(`The payload store has no ${key}.`);
  }
}

/** Bytes on their way into the store, invisible until `commit`. */
export interface StagedPayload {
  /** Resolves when more may be written (back-pressure). The chunk may not be changed afterwards. */
  write(chunk: Uint8Array): Promise<void>;
  /** Writes what was gathered, so that a full disk says so now: what is committed next has its room already. @throws as `commit` */
  flush(): Promise<void>;
  /**
   * Makes the bytes durable under `key`: fsync file, rename, fsync folder. An object already there is replaced whole.
   * Ends this staging. @throws the file system's error (ENOSPC, EIO, ...); then nothing is kept.
   */
  commit(key: string): Promise<void>;
  /** Forgets the bytes; may be called at any time, also after `commit` (then it does nothing). Never throws. */
  discard(): Promise<void>;
}

/** Part of an object: bytes `[start, end)`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Where bytes live: deliveries, inbox, plans, receipts, reports. Keys are made by `payloads/keys.ts` alone, from safe segments
 * joined with `/`. `test/payloads/describe-payload-store.ts` holds every promise made here.
 */
export interface PayloadStore {
  /** Begins a new object. */
  stage(): Promise<StagedPayload>;
  /**
   * The object's bytes as a stream of chunks, in order. @throws {PayloadNotFound} before the first chunk; when the whole store has
   * gone, as a volume that is not mounted, the file system's error: nobody knows then what it has.
   */
  read(key: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** Bytes of the object. @throws as `read` */
  size(key: string): Promise<number>;
  /**
   * Replaces an object that is there; answers false, and makes nothing, when it is gone. A crash in the middle may leave new
   * bytes before old ones, never anything else: keep what must not be lost in a prefix that stays the same.
   */
  replace(key: string, bytes: Uint8Array): Promise<boolean>;
  /** Keys that start with `prefix` (ends in `/`) and have no further `/` — the last segment of each, sorted. Folders below it too. */
  list(prefix: string): Promise<string[]>;
  /** Removes the object durably; one that is not there is no error. */
  remove(key: string): Promise<void>;
  /** Writes, syncs and removes a probe. @throws what keeps the store from taking a delivery. */
  check(): Promise<void>;
}
