import { defined } from '../collections/defined';
import { isTooHeavy, TooHeavy } from './element-weight';
import { buildEnvelope } from './build-envelope';
import type { Envelope } from './envelope';
import { ExportReader } from './export-reader';
import { firstText, isRecord } from './fields';
import { idKeys } from './id-keys';
import { readTopLevelFields } from './top-level-fields';

/** Both methods throw BodyError. The caller may reuse a chunk's memory after `push`. */
export interface PushReader {
  push(chunk: Uint8Array): void;
  end(): Envelope;
}

export interface PushReaderOptions {
  /** Called with each element's bytes, in the body's order. The bytes are valid only during the call. */
  readonly onElement?: (index: number, bytes: Buffer) => void;
}

/** Checks the syntax and the envelope while bytes arrive from the network, and counts the elements. */
export function createExportReader({ onElement }: PushReaderOptions = {}): PushReader {
  const reader = new ExportReader(onElement);
  return { push: (chunk) => reader.push(chunk), end: () => buildEnvelope(reader.end()) };
}

/** One element of `issue.elements`. */
export interface ReadElement {
  /** From 0. */
  readonly index: number;
  /** The parsed JSON, or a `TooHeavy` if the element has too many values to be parsed. */
  readonly value: unknown;
  /** An id that is a number or a boolean, exactly as the body has it: `1.50` stays `1.50`. */
  readonly literalId?: string;
}

/**
 * Reads a delivery. For each chunk, yields the elements that end in it as one batch; reads the next chunk
 * when the caller has processed the batch. Returns the envelope at the end. The envelope is checked last, so
 * don't use anything computed from the elements until the generator has returned.
 * @throws {BodyError} at the first error.
 * @throws the signal's reason, between two chunks.
 */
export async function* readExport(
  chunks: AsyncIterable<Uint8Array>,
  { signal }: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<readonly ReadElement[], Envelope> {
  let batch: ReadElement[] = [];
  const reader = new ExportReader((index, bytes) => batch.push({ index, ...parse(bytes) }));
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    reader.push(chunk);
    yield batch;
    batch = [];
  }
  return buildEnvelope(reader.end());
}

function parse(bytes: Buffer): Omit<ReadElement, 'index'> {
  if (isTooHeavy(bytes)) {
    const { texts, literals } = readTopLevelFields(bytes);
    return { value: new TooHeavy(texts), ...defined({ literalId: firstText(literals, ...idKeys) }) };
  }
  const value = JSON.parse(bytes.toString('utf8')) as unknown;
  // JSON.parse rounds numbers, so that an id has to be read from the bytes
  const literals = hasLiteralId(value) ? readTopLevelFields(bytes).literals : {};
  return { value, ...defined({ literalId: firstText(literals, ...idKeys) }) };
}

function hasLiteralId(value: unknown): boolean {
  return isRecord(value) && idKeys.some((key) => ['number', 'boolean'].includes(typeof value[key]));
}
