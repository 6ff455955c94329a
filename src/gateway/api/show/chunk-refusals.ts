import type { AttemptRef } from '../../../domain/attempt-ref';
import { receiptsFolder } from '../../../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../../../payloads/payload-store';
import { readJson } from '../../../payloads/small-objects';
import type { ChunkRefusal } from '../operator-api';

const maxRefusals = 50;

/** Reads the whole calls that the labeling service refused: the last 50 by position, sorted newest first. */
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
  if (
    error instanceof PayloadNotFound ||
    (error instanceof Error && error.message.includes('is not complete JSON'))
  )
    return undefined;
  throw error;
}
