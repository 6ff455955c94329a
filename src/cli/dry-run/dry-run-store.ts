import { createReadStream } from 'node:fs';
import { deliveryKey } from '../../payloads/keys';
import {
  type ByteRange,
  PayloadNotFound,
  type PayloadStore,
  type StagedPayload,
} from '../../payloads/payload-store';

/** Objects over this are forgotten as they are written: a plan has hundreds of bytes a label, its summary stays small. */
const keptBytes = 1024 * 1024;

/**
 * A payload store that writes nothing: what is written can be read again while it is small. It has the delivery, read from its
 * file, and what `earlier` has, when there is one.
 */
export function createDryRunStore(
  delivery: { sha256: string; file: string },
  earlier: PayloadStore | undefined,
): PayloadStore {
  const key = deliveryKey(delivery.sha256);
  const written = new Map<string, Buffer>();
  return {
    stage: async () => stageInMemory(written),
    read: (wanted, range) =>
      wanted === key ? fileBytes(delivery.file, range) : storedBytes(written, earlier, wanted, range),
    async size(wanted) {
      const bytes = written.get(wanted);
      if (bytes) return bytes.byteLength;
      if (earlier) return earlier.size(wanted);
      throw new PayloadNotFound(wanted);
    },
    replace: async () => false,
    list: async (prefix) => earlier?.list(prefix) ?? [],
    async remove(wanted) {
      written.delete(wanted);
    },
    check: async () => undefined,
  };
}

async function* fileBytes(file: string, range: ByteRange | undefined): AsyncGenerator<Uint8Array> {
  const options = range ? { start: range.start, end: range.end - 1 } : {}; // Node counts the last byte in
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
  else if (earlier) yield* earlier.read(key, range);
  else throw new PayloadNotFound(key);
}

function stageInMemory(written: Map<string, Buffer>): StagedPayload {
  let chunks: Uint8Array[] | undefined = [];
  let size = 0;
  return {
    async write(chunk) {
      size += chunk.byteLength;
      if (size > keptBytes) chunks = undefined;
      chunks?.push(chunk);
    },
    flush: async () => undefined,
    async commit(key) {
      if (chunks) written.set(key, Buffer.concat(chunks));
    },
    async discard() {
      chunks = undefined;
    },
  };
}
