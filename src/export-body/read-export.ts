import { isTooHeavy, TooHeavy } from './element-weight';
import { buildEnvelope } from './build-envelope';
import type { Envelope } from './envelope';
import { ExportReader } from './export-reader';

/** A push reader of a delivery. A chunk's memory may be used again after the call; both throw BodyError. */
export interface PushReader {
  push(chunk: Uint8Array): void;
  end(): Envelope;
}

export interface PushReaderOptions {
  /** Told each element's bytes, in order; valid only during the call. */
  readonly onElement?: (index: number, bytes: Buffer) => void;
}

/** A push reader for bytes that come from the network: syntax, envelope and number of elements. */
export function createExportReader({ onElement }: PushReaderOptions = {}): PushReader {
  const reader = new ExportReader(onElement);
  return { push: (chunk) => reader.push(chunk), end: () => buildEnvelope(reader.end()) };
}

/** One element of `issue.elements`, parsed alone. */
export interface ReadElement {
  /** Its place, from 0. */
  readonly index: number;
  /** The parsed JSON; a `TooHeavy` when the element has too many values to be parsed. */
  readonly value: unknown;
}

/**
 * Reads a delivery: yields its elements in batches, those that end in one chunk of bytes, and returns the envelope at the end. The
 * next chunk is asked for when the batch is done with. Elements come before the envelope is known to be right: what is made of them
 * counts only when this returns.
 * @throws {BodyError} at the first fault. @throws the signal's reason, between two chunks.
 */
export async function* readExport(
  chunks: AsyncIterable<Uint8Array>,
  { signal }: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<readonly ReadElement[], Envelope> {
  let batch: ReadElement[] = [];
  const reader = new ExportReader((index, bytes) => batch.push({ index, value: parseValue(bytes) }));
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    reader.push(chunk);
    yield batch;
    batch = [];
  }
  return buildEnvelope(reader.end());
}

function parseValue(bytes: Buffer): unknown {
  return isTooHeavy(bytes) ? new TooHeavy() : (JSON.parse(bytes.toString('utf8')) as unknown);
}
