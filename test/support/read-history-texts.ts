import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import type { WorkflowHandle } from '@temporalio/client';

/** All texts of a workflow's history, also those that are base64-encoded or compressed in a payload. */
export async function readHistoryTexts(handle: Pick<WorkflowHandle, 'fetchHistory'>): Promise<string> {
  return collectTexts(await handle.fetchHistory()).join('\n');
}

/** All texts and decoded bytes of a value, at any depth. */
export function collectTexts(value: unknown): string[] {
  if (typeof value === 'string') return [value, ...decoded(value)];
  if (value instanceof Uint8Array) return collectTextsInBytes(Buffer.from(value));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...collectTexts(inner)]);
}

function collectTextsInBytes(bytes: Buffer): string[] {
  const unpacked = [gunzipSync, inflateSync, inflateRawSync, brotliDecompressSync].flatMap((unpack) => {
    try {
      return [unpack(bytes)];
    } catch {
      return [];
    }
  });
  return [
    ...collectTexts(bytes.toString('utf8')),
    bytes.toString('utf16le'),
    ...unpacked.flatMap((inner) => collectTexts(inner.toString('utf8'))),
  ];
}

function decoded(text: string): string[] {
  const words = text.match(/[A-Za-z0-9+/_-]{16,}={0,2}/g) ?? [];
  return words.map((word) => Buffer.from(word, 'base64').toString('utf8'));
}
