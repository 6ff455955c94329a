import type { Envelope } from './export-body';
import { envelopeOf } from './envelope-rules';
import { ExportReader } from './export-reader';

/** A push reader for bytes that come from the network: syntax, envelope and number of elements. */
export function createExportReader(): { push(chunk: Uint8Array): void; end(): Envelope } {
  const reader = new ExportReader();
  return { push: (chunk) => reader.push(chunk), end: () => envelopeOf(reader.end()) };
}

/** One element of `issue.elements`, parsed alone. */
export interface ReadElement {
  readonly index: number;
  readonly value: unknown;
}

/**
 * Reads a delivery: yields its elements in batches, a chunk of bytes at a time, and returns the envelope at the end.
 * @throws {BodyError} at the first fault.
 */
export async function* readExport(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly ReadElement[], Envelope> {
  let batch: ReadElement[] = [];
  const reader = new ExportReader((index, bytes) =>
    batch.push({ index, value: JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown }),
  );
  for await (const chunk of chunks) {
    reader.push(chunk);
    yield batch;
    batch = [];
  }
  return envelopeOf(reader.end());
}
