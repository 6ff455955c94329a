import { type ByteRange, PayloadNotFound, type PayloadStore } from './payload-store';

/*
 * Reads and writes objects that fit into memory.
 */

/** @throws {PayloadNotFound} */
export async function readBytes(store: PayloadStore, key: string, range?: ByteRange): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(key, range)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * @throws {PayloadNotFound}
 * @throws {Error} when the object is not JSON. The message contains the key; the cause is a SyntaxError.
 */
export async function readJson<T>(store: PayloadStore, key: string): Promise<T> {
  const text = (await readBytes(store, key)).toString('utf8');
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new Error(`${key} in the payload store is not complete JSON: it was changed or truncated.`, {
      cause,
    });
  }
}

/** The object is durable when this resolves. */
export async function writeBytes(
  store: PayloadStore,
  key: string,
  bytes: Uint8Array | string,
): Promise<void> {
  const staged = await store.stage();
  try {
    await staged.write(typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes);
    await staged.commit(key);
  } finally {
    await staged.discard();
  }
}

export async function objectExists(store: PayloadStore, key: string): Promise<boolean> {
  try {
    await store.size(key);
    return true;
  } catch (error) {
    if (error instanceof PayloadNotFound) return false;
    throw error;
  }
}

/** @returns false when the object exists; it then stays as it is. The object is durable when this resolves. */
export async function createJson(store: PayloadStore, key: string, value: unknown): Promise<boolean> {
  const staged = await store.stage();
  try {
    await staged.write(Buffer.from(jsonLine(value), 'utf8'));
    return await staged.commitIfAbsent(key);
  } finally {
    await staged.discard();
  }
}

/** The object is durable when this resolves. */
export async function writeJson(store: PayloadStore, key: string, value: unknown): Promise<void> {
  await writeBytes(store, key, jsonLine(value));
}

function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
