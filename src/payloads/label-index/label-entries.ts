import { createHash } from 'node:crypto';
import { clock } from '../../clock/clock';
import { reportKeyOfName } from '../keys';
import type { PayloadStore } from '../payload-store';
import { readLines } from '../read-lines';
import { labelsLine } from '../report-head';

export const bucketCount = 256;
/** The first 8 bytes of the label id's sha256, the report's number (4), and where its line is (6). */
export const entryBytes = 18;
export const hashBytes = 8;
/** Lines read before the event loop gets a turn to serve other requests. */
const linesPerTurn = 2000;

/** Label ids are hashed: the index then has entries of one size, and no id. */
export function hashLabelId(labelId: string): Buffer {
  return createHash('sha256').update(labelId, 'utf8').digest().subarray(0, hashBytes);
}

/** New entries of the index, in memory. An entry's bucket is the first byte of its hash. */
export class LabelEntries {
  private readonly buckets: Buffer[] = Array.from({ length: bucketCount }, () => Buffer.alloc(0));
  private readonly used = Array.from({ length: bucketCount }, () => 0);
  count = 0;

  /** @param bytesToEnd from the beginning of the label's line to the end of the report. */
  add(labelId: string, report: number, bytesToEnd: number): void {
    const hash = hashLabelId(labelId);
    const bucket = hash[0]!;
    const at = this.used[bucket]!;
    const bytes = this.grow(bucket, at + entryBytes);
    hash.copy(bytes, at);
    bytes.writeUInt32BE(report, at + hashBytes);
    bytes.writeUIntBE(bytesToEnd, at + hashBytes + 4, 6);
    this.used[bucket] = at + entryBytes;
    this.count += 1;
  }

  bucket(number: number): Buffer {
    return this.buckets[number]!.subarray(0, this.used[number]);
  }

  private grow(bucket: number, needed: number): Buffer {
    const bytes = this.buckets[bucket]!;
    if (bytes.length >= needed) return bytes;
    const larger = Buffer.alloc(Math.max(needed, bytes.length * 2, 16 * entryBytes));
    bytes.copy(larger);
    this.buckets[bucket] = larger;
    return larger;
  }
}

/**
 * Adds the labels of a report. The distance to the end stays the same when a request is added to the report's
 * first line. Skips a line that can't be read.
 * @throws {PayloadNotFound} when the report does not exist. No entry has been added then.
 */
export async function addLabelsOf(
  store: PayloadStore,
  name: string,
  report: number,
  entries: LabelEntries,
): Promise<void> {
  const key = reportKeyOfName(name);
  const size = await store.size(key);
  let position = 0;
  let lines = 0;
  let isInLabels = false;
  for await (const line of readLines(store.read(key))) {
    if ((lines += 1) % linesPerTurn === 0) await clock.turn();
    if (isInLabels && line.startsWith(']')) return; // the left-out elements follow
    const labelId = isInLabels ? labelIdIn(line) : undefined;
    if (labelId !== undefined) entries.add(labelId, report, size - position);
    isInLabels ||= line === labelsLine;
    position += Buffer.byteLength(line) + 1;
  }
}

function labelIdIn(line: string): string | undefined {
  const quoted = /"labelId":("(?:[^"\\]|\\.)*"),/.exec(line)?.[1];
  try {
    return quoted === undefined ? undefined : (JSON.parse(quoted) as string);
  } catch {
    return undefined;
  }
}
