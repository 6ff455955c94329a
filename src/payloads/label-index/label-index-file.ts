import { createHash } from 'node:crypto';
import { labelIndexKey } from '../keys';
import { PayloadNotFound, type PayloadStore } from '../payload-store';
import { readBytes } from '../small-objects';
import { bucketCount, entryBytes, hashBytes, hashLabelId, type LabelEntries } from './label-entries';

/*
 * `index/labels.bin`: 256 buckets of entries, then the footer as JSON, then the trailer: the footer's length
 * (8 bytes) and its sha256. The footer has the hash of each bucket. A find reads the trailer and one bucket.
 */
const trailerBytes = 40;

/** The footer of the index. */
export interface LabelIndexFile {
  /** The names of the indexed reports. An entry has the place of its report's name in this list. */
  readonly reports: readonly string[];
  readonly buckets: readonly { readonly bytes: number; readonly sha256: string }[];
  /** Tells two versions of the file apart. */
  readonly trailer: string;
}

type Footer = Pick<LabelIndexFile, 'reports' | 'buckets'> & { readonly version: 1 };

/** Where a label may be. Only the report itself shows whether it is there. */
export interface LabelHit {
  readonly report: string;
  /** From the beginning of the label's line to the end of the report. */
  readonly bytesToEnd: number;
}

/** The file is not what was written. */
class DamagedIndex extends Error {}

/**
 * Opens the index.
 * @param known the footer that was read last; used again if the file is still the same.
 * @returns undefined when the index is missing or damaged.
 */
export async function openLabelIndex(
  store: PayloadStore,
  known?: LabelIndexFile,
): Promise<LabelIndexFile | undefined> {
  return unlessDamaged(async () => {
    const size = await store.size(labelIndexKey);
    const start = size - trailerBytes;
    if (start < 0) throw new DamagedIndex();
    const bytes = await readBytes(store, labelIndexKey, { start, end: size });
    const trailer = bytes.toString('hex');
    if (known?.trailer === trailer) return known;
    const footerBytes = Number(bytes.readBigUInt64BE());
    if (footerBytes > start) throw new DamagedIndex();
    const footer = await readBytes(store, labelIndexKey, { start: start - footerBytes, end: start });
    if (sha256Of(footer) !== bytes.toString('hex', 8)) throw new DamagedIndex();
    const { version, reports, buckets } = JSON.parse(footer.toString('utf8')) as Footer;
    if (version !== 1) throw new DamagedIndex(); // written by another version of Requeue
    return { reports, buckets, trailer };
  });
}

/** @returns undefined when the index is missing or damaged. */
export async function lookUpLabel(
  store: PayloadStore,
  file: LabelIndexFile,
  labelId: string,
): Promise<LabelHit[] | undefined> {
  const hash = hashLabelId(labelId);
  return unlessDamaged(async () => {
    const bytes = await readBucket(store, file, hash[0]!);
    const hits: LabelHit[] = [];
    for (let at = 0; at < bytes.length; at += entryBytes) {
      if (hash.compare(bytes, at, at + hashBytes) !== 0) continue;
      const report = file.reports[bytes.readUInt32BE(at + hashBytes)];
      if (report !== undefined) hits.push({ report, bytesToEnd: bytes.readUIntBE(at + hashBytes + 4, 6) });
    }
    return hits;
  });
}

/**
 * Writes the index with more entries, and replaces it atomically.
 * @param old the present index, which is read again; undefined to begin anew.
 * @param reports the names of all indexed reports; those of `old` come first.
 * @returns undefined, without writing, when the present index is missing or damaged.
 */
export async function extendLabelIndex(
  store: PayloadStore,
  old: LabelIndexFile | undefined,
  entries: LabelEntries,
  reports: readonly string[],
): Promise<LabelIndexFile | undefined> {
  const staged = await store.stage();
  const buckets: LabelIndexFile['buckets'][number][] = [];
  try {
    return await unlessDamaged(async () => {
      for (let bucket = 0; bucket < bucketCount; bucket += 1) {
        const present = old ? await readBucket(store, old, bucket) : Buffer.alloc(0);
        const bytes = Buffer.concat([present, entries.bucket(bucket)]);
        await staged.write(bytes);
        buckets.push({ bytes: bytes.length, sha256: sha256Of(bytes) });
      }
      const footer = Buffer.from(JSON.stringify({ version: 1, reports, buckets } satisfies Footer), 'utf8');
      const trailer = Buffer.alloc(trailerBytes);
      trailer.writeBigUInt64BE(BigInt(footer.length));
      trailer.write(sha256Of(footer), 8, 'hex');
      await staged.write(Buffer.concat([footer, trailer]));
      await staged.commit(labelIndexKey);
      return { reports, buckets, trailer: trailer.toString('hex') };
    });
  } finally {
    await staged.discard();
  }
}

async function readBucket(store: PayloadStore, { buckets }: LabelIndexFile, bucket: number): Promise<Buffer> {
  const start = buckets.slice(0, bucket).reduce((sum, { bytes }) => sum + bytes, 0);
  const { bytes, sha256 } = buckets[bucket]!;
  const content = await readBytes(store, labelIndexKey, { start, end: start + bytes });
  if (sha256Of(content) !== sha256) throw new DamagedIndex();
  return content;
}

async function unlessDamaged<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DamagedIndex || error instanceof PayloadNotFound) return undefined;
    throw error;
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
