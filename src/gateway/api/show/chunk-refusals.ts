import type { AttemptRef } from '../../../domain/attempt-ref';
import { receiptsFolder } from '../../../payloads/keys';
import { PayloadIsFolder, PayloadNotFound, type PayloadStore } from '../../../payloads/payload-store';
import { readJson } from '../../../payloads/small-objects';
import type { ChunkRefusal } from '../operator-api';

const maxRefusals = 50;

/** Reads the calls that the labeling service refused as a whole: the last 50 by position, newest first. */
export async function chunkRefusals(store: PayloadStore, ref: AttemptRef): Promise<ChunkRefusal[]> {
  const ranges = (await store.list(receiptsFolder(ref))).flatMap((name) => {
    const [, from, to] = /^(\d+)-(\d+)\.refusal\.json$/.exec(name) ?? [];
    return from === undefined ? [] : [{ name, from: Number(from) + 1, to: Number(to) }];
  });
  const refusals: ChunkRefusal[] = [];
  for (const { name, from, to } of ranges.slice(-maxRefusals)) {
    const refusal = await readJson<Pick<ChunkRefusal, 'at' | 'because' | 'detail'>>(
      store,
      `${receiptsFolder(ref)}${name}`,
    ).catch(unlessGone);
    if (refusal)
      refusals.push({ from, to, at: refusal.at, because: refusal.because, detail: refusal.detail });
  }
  return refusals.sort((a, b) => (a.at < b.at ? 1 : -1));
}

function unlessGone(error: unknown): undefined {
  const isNotJson = error instanceof Error && error.cause instanceof SyntaxError; // as `readJson` throws
  if (error instanceof PayloadNotFound || error instanceof PayloadIsFolder || isNotJson) return undefined;
  throw error;
}
