export class PayloadNotFound extends Error {
  override readonly name = 'PayloadNotFound';
  constructor(readonly key: string) {
    super(`The payload store has no ${key}.`);
  }
}

/** A new object, invisible until `commit`. */
export interface StagedPayload {
  /** Resolves when more may be written (backpressure). The caller may not change the chunk afterwards. */
  write(chunk: Uint8Array): Promise<void>;
  /**
   * Writes the buffered bytes now, so that they have their space on the disk before `commit`.
   * @throws like `commit`, e.g. on a full disk.
   */
  flush(): Promise<void>;
  /**
   * Makes the bytes durable under `key`: fsync file, rename, fsync folder. Replaces an existing object as a
   * whole. No other call but `discard` may follow.
   * @throws the file system's error (ENOSPC, EIO, ...); then the bytes are discarded.
   */
  commit(key: string): Promise<void>;
  /** Drops the bytes. May be called at any time; does nothing after `commit`. Never throws. */
  discard(): Promise<void>;
}

/** The bytes `[start, end)` of an object. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Stores deliveries, inbox, plans, receipts and reports. Only `payloads/keys.ts` makes keys: safe segments
 * joined with `/`. `test/payloads/describe-payload-store.ts` tests every promise of this port.
 */
export interface PayloadStore {
  /** Begins a new object. */
  stage(): Promise<StagedPayload>;
  /**
   * @throws {PayloadNotFound} before the first chunk.
   * @throws the file system's error when the whole store is gone, e.g. not mounted: then it is unknown
   *   whether the object exists.
   */
  read(key: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /**
   * @returns the object's bytes.
   * @throws like `read`.
   */
  size(key: string): Promise<number>;
  /**
   * Replaces an existing object in place. A crash during the call may leave new bytes before old bytes, and
   * never anything else, so data that must not be lost belongs in a prefix that stays the same.
   * @returns false, and creates nothing, when there is no such object.
   */
  replace(key: string, bytes: Uint8Array): Promise<boolean>;
  /**
   * @param prefix ends with `/`.
   * @returns the sorted names of objects and folders directly below `prefix`; empty when there is no such
   *   folder.
   */
  list(prefix: string): Promise<string[]>;
  /** Removes the object durably. Idempotent: a missing object is no error. */
  remove(key: string): Promise<void>;
  /**
   * Writes, syncs and removes a probe.
   * @throws the error that would keep the store from taking a delivery.
   */
  check(): Promise<void>;
}
