import { createReadStream } from 'node:fs';
import { deliveryKey } from '../../payloads/keys';
import {
  type ByteRange,
  PayloadNotFound,
  type PayloadStore,
  type StagedPayload,
} from '../../payloads/payload-store';
import { objectExists } from '../../payloads/small-objects';

/**
 * An object with more bytes is not kept. A plan's labels need hundreds of bytes each, but its summary stays
 * small.
 */
const maxKeptBytes = 1024 * 1024;

/**
 * A payload store that writes nothing to disk. Small objects that were written can be read back from memory.
 *
 * @param delivery the file to read as the delivery's body.
 * @param earlier the store for every other key; undefined when there is none.
 */
export function createDryRunStore(
  delivery: { sha256: string; file: string },
  earlier: PayloadStore | undefined,
): PayloadStore {
  const key = deliveryKey(delivery.sha256);
  const written = new Map<string, Buffer>();
  return {
    stage: async () => stageInMemory(written, (requested) => hasObject(written, earlier, requested)),
    read: (requested, range) =>
      requested === key ? fileBytes(delivery.file, range) : storedBytes(written, earlier, requested, range),
    async size(requested) {
      const bytes = written.get(requested);
      if (bytes) return bytes.byteLength;
      if (earlier) return earlier.size(requested);
      throw new PayloadNotFound(requested);
    },
    replace: async () => false,
    list: async (prefix) => earlier?.list(prefix) ?? [],
    async remove(removed) {
      written.delete(removed);
    },
    check: async () => undefined,
  };
}

async function* fileBytes(file: string, range: ByteRange | undefined): AsyncGenerator<Uint8Array> {
  const options = range ? { start: range.start, end: range.end - 1 } : {}; // Node's `end` is inclusive
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024, ...options }))
    yield chunk as Buffer;
}

async function* storedBytes(
  written: ReadonlyMap<string, Buffer>,
  earlier: PayloadStore | undefined,
  key: string,
  range: ByteRange | undefined,
): AsyncGenerator<Uint8Array> {
  const bytes = written.get(key);
  if (bytes) yield range ? bytes.subarray(range.start, range.end) : bytes;
  else if (earlier && (await isIn(earlier, key))) yield* earlier.read(key, range);
  else throw new PayloadNotFound(key);
}

async function hasObject(
  written: ReadonlyMap<string, Buffer>,
  earlier: PayloadStore | undefined,
  key: string,
): Promise<boolean> {
  return written.has(key) || (earlier !== undefined && isIn(earlier, key));
}

/** A folder that no gateway or worker has used yet lacks even a store's own folders: it has no objects. */
async function isIn(earlier: PayloadStore, key: string): Promise<boolean> {
  try {
    return await objectExists(earlier, key);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function stageInMemory(
  written: Map<string, Buffer>,
  hasObject: (key: string) => Promise<boolean>,
): StagedPayload {
  let chunks: Uint8Array[] | undefined = [];
  let size = 0;
  return {
    async write(chunk) {
      size += chunk.byteLength;
      if (size > maxKeptBytes) chunks = undefined;
      chunks?.push(chunk);
    },
    flush: async () => undefined,
    async commit(key) {
      if (chunks) written.set(key, Buffer.concat(chunks));
    },
    async commitIfAbsent(key) {
      const isAbsent = !(await hasObject(key));
      if (isAbsent && chunks) written.set(key, Buffer.concat(chunks));
      return isAbsent;
    },
    async discard() {
      chunks = undefined;
    },
  };
}
