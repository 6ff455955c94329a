/** The payload store failed, so the gateway accepted nothing. `cause` is the store's own error. */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure';
  /** The system's error code (`ENOSPC`), or the error's name. */
  readonly reason: string;

  constructor(override readonly cause: unknown) {
    const { code, name } = cause as { code?: unknown; name?: unknown };
    const reason = typeof code === 'string' ? code : String(name);
    super(`The payload store failed: ${reason}`);
    this.reason = reason;
  }
}

/** Awaits a store operation. @throws {StoreFailure} when it fails. */
export async function storing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new StoreFailure(error);
  }
}
