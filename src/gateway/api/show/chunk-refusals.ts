import type { AttemptRef } from '../../../domain/attempt-ref';
import { receiptsFolder } from '../../../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../../../payloads/payload-store';
import { readJson } from '../../../payloads/small-objects';
import type { ChunkRefusal } from '../operator-api';

const most = 50;

/** What the labeling service said of whole calls that it refused; the last ones by position. */
export async function chunkRefusals(store: PayloadStore, ref: AttemptRef): Promise<ChunkRefusal[]> {
  const ranges = (await store.list(receiptsFolder(ref))).flatMap((name) => {
    const [, from, to] = /^(\d+)-(\d+)\.refusal\.json$/.exec(name) ?? [];
    return from === undefined ? [] : [{ name, from: Number(from) + 1, to: Number(to) }];
  });
  const refusals: ChunkRefusal[] = [];
  for (const { name, from, to } of ranges.slice(-most)) {
    const told = await readJson<Pick<ChunkRefusal, 'at' | 'because' | 'detail'>>(
      store,
      `${receiptsFolder(ref)}${name}`,
    ).catch(unlessGone);
    if (told) refusals.push({ from, to, at: told.at, because: told.because, detail: told.detail });
  }
  return refusals.sort((a, b) => (a.at < b.at ? 1 : -1));
}

function unlessGone(error: unknown): undefined {
  if (
    error instanceof PayloadNotFound ||
    (error instanceof Error && error.message.includes('is not whole JSON'))
  )
    return undefined;
  throw error;
}
