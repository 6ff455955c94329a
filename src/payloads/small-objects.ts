import type { ByteRange, PayloadStore } from './payload-store';

/** All bytes of an object, or of a range of it; for small ones only. @throws {PayloadNotFound} */
export async function readBytes(store: PayloadStore, key: string, range?: ByteRange): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(key, range)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A small JSON object. @throws {PayloadNotFound}; a broken one is an Error that names the key. */
export async function readJson<T>(store: PayloadStore, key: string): Promise<T> {
  const text = (await readBytes(store, key)).toString('utf8');
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new Error(`${key} in the payload store is not whole JSON: it was changed or cut off.`, { cause });
  }
}

/** Makes a small object durable. */
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

/** Makes a small JSON object durable. */
export async function writeJson(store: PayloadStore, key: string, value: unknown): Promise<void> {
  await writeBytes(store, key, `${JSON.stringify(value)}\n`);
}
