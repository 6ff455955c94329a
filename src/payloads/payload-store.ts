export class PayloadNotFound extends Error {
  override readonly name = 'PayloadNotFound';
  constructor(readonly key: string) {
    super(`The payload store has no ${key}.`);
  }
}

/**
 * A folder has the name of an object. Requeue creates no such folder: a person or another program did. Its code
 * is that of the file system, so that the gateway and the worker report a fault of the store.
 */
export class PayloadIsFolder extends Error {
  override readonly name = 'PayloadIsFolder';
  readonly code = 'EISDIR';
  constructor(readonly key: string) {
    super(`The payload store has a folder in the place of the file ${key}: move it out of the store.`);
  }
}

/** A new object, invisible until `commit`. */
export interface StagedPayload {
  /**
   * Resolves when the caller may write more (backpressure). The caller must not change the chunk afterwards.
   */
  write(chunk: Uint8Array): Promise<void>;
  /**
   * Writes the buffered bytes now, so that their disk space is allocated before `commit`.
   * @throws the same errors as `commit`, e.g. ENOSPC on a full disk.
   */
  flush(): Promise<void>;
  /**
   * Makes the bytes durable under `key`: fsync file, rename, fsync folder. Replaces an existing object
   * atomically. Only `discard` may be called afterwards.
   * @throws {PayloadIsFolder}
   * @throws the file system's error (ENOSPC, EIO, ...). The bytes are then discarded.
   */
  commit(key: string): Promise<void>;
  /**
   * Like `commit`, but never replaces an object. Of several callers with the same key, one gets true.
   * @returns false, with the bytes discarded, when the object exists. The name of that object is then durable.
   * @throws the same errors as `commit`.
   */
  commitIfAbsent(key: string): Promise<boolean>;
  /** Drops the bytes. May be called at any time. Does nothing after `commit`. Never throws. */
  discard(): Promise<void>;
}

/** The bytes `[start, end)` of an object. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Stores deliveries, the inbox, plans, receipts and reports. Only `payloads/keys.ts` creates keys: safe
 * segments joined with `/`. `test/payloads/describe-payload-store.ts` tests every promise of this port.
 */
export interface PayloadStore {
  stage(): Promise<StagedPayload>;
  /**
   * @throws {PayloadNotFound} before the first chunk.
   * @throws {PayloadIsFolder} before the first chunk.
   * @throws the file system's error when the entire store is missing, e.g. not mounted. It is then unknown
   *   whether the object exists.
   */
  read(key: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /**
   * @returns the object's size in bytes.
   * @throws the same errors as `read`.
   */
  size(key: string): Promise<number>;
  /**
   * Overwrites an existing object in place. A crash during the call may leave some new bytes followed by old
   * bytes, but nothing worse. Data that must not be lost therefore belongs at the start, in bytes that never
   * change.
   * @returns false, without creating anything, when the object does not exist.
   */
  replace(key: string, bytes: Uint8Array): Promise<boolean>;
  /**
   * @param prefix ends with `/`.
   * @returns the sorted names of the objects and folders directly below `prefix`; empty when that folder does
   *   not exist. People and other programs may add names: skip those that are not Requeue's.
   */
  list(prefix: string): Promise<string[]>;
  /** Removes the object durably. Idempotent: a missing object is no error. */
  remove(key: string): Promise<void>;
  /**
   * Writes, syncs and removes a probe.
   * @throws the error that prevents the store from accepting deliveries.
   */
  check(): Promise<void>;
}
