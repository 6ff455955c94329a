import type { AttemptRef } from '../../domain/attempt-ref';
import type { Plan, PlannedLabel } from '../../domain/plan';
import type { Range } from '../../domain/receipt';
import type { Item } from '../../labeling/labeling-service';
import { labelsIndexKey, labelsKey, leftOutKey, planKey } from '../../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { readBytes } from '../../payloads/small-objects';
import { ChangedFile } from '../../payloads/changed-file';
import { readUnchangedFile } from '../../payloads/read-unchanged-file';
import { readLines } from '../../payloads/read-lines';
import { readPlan } from '../../payloads/plan-file';

/** Plans whose files are known to be unchanged, at most: a worker sees one more for every attempt, for months. */
const remembered = 200;

/** The items of a range; `fits` is less than the range has when they are over the byte bound. */
export interface ItemsOfRange {
  readonly items: readonly Item[];
  /** How many labels, from the first, are within the bound; at least one. */
  readonly fits: number;
}

/** Reads ranges of a plan's labels. A plan's files are hashed once a worker, before the first of its labels is sent. */
export class PlanLabels {
  /** By plan key and hashes: a plan made again has others. */
  private readonly checked = new Map<string, Promise<void>>();

  constructor(private readonly store: PayloadStore) {}

  /** The plan, with its files found unchanged. @throws {ChangedFile} */
  async plan(ref: AttemptRef): Promise<Plan> {
    const plan = await this.unlessMissing(ref, planKey(ref), () => readPlan(this.store, ref));
    const key = `${planKey(ref)} ${plan.labelsSha256} ${plan.indexSha256} ${plan.leftOutSha256}`;
    const checking = this.checked.get(key) ?? this.check(ref, plan);
    this.remember(key, checking);
    await checking;
    return plan;
  }

  /**
   * What the service needs to know of a range's labels, in plan order; reads no further than the byte bound.
   * @param maxBytes of the ids as JSON.
   * @throws {ChangedFile}
   */
  async items(ref: AttemptRef, range: Range, maxBytes: number): Promise<ItemsOfRange> {
    return this.unlessMissing(ref, labelsKey(ref), () => this.readItems(ref, range, maxBytes));
  }

  private async readItems(ref: AttemptRef, range: Range, maxBytes: number): Promise<ItemsOfRange> {
    const [start, end] = await this.offsets(ref, range);
    const items: Item[] = [];
    let bytes = 0;
    for await (const line of readLines(this.store.read(labelsKey(ref), { start, end }))) {
      const labelId = labelIdIn(ref, line);
      bytes += Buffer.byteLength(JSON.stringify(labelId), 'utf8') + 1;
      if (bytes > maxBytes && items.length > 0) return { items, fits: items.length };
      items.push({ labelId });
    }
    const expected = range.to - range.from;
    if (items.length !== expected)
      throw new ChangedFile(
        ref,
        labelsKey(ref),
        `was changed: expected ${expected} labels from ${range.from + 1} on, got ${items.length}`,
      );
    return { items, fits: expected };
  }

  private async offsets(ref: AttemptRef, { from, to }: Range): Promise<[number, number]> {
    const key = labelsIndexKey(ref);
    const index = await this.unlessMissing(ref, key, () =>
      readBytes(this.store, key, { start: from * 8, end: (to + 1) * 8 }),
    );
    if (index.length !== (to - from + 1) * 8) throw new ChangedFile(ref, key, `ends before label ${to}`);
    const [start, end] = [Number(index.readBigUInt64LE(0)), Number(index.readBigUInt64LE(index.length - 8))];
    if (!Number.isSafeInteger(end) || start >= end)
      throw new ChangedFile(ref, key, 'was changed: its offsets do not grow');
    return [start, end];
  }

  private remember(key: string, checking: Promise<void>): void {
    this.checked.delete(key);
    this.checked.set(key, checking);
    checking.catch(() => this.checked.delete(key)); // looked at again after a person mended the file
    for (const oldest of this.checked.keys()) {
      if (this.checked.size <= remembered) return;
      this.checked.delete(oldest);
    }
  }

  private async check(ref: AttemptRef, plan: Plan): Promise<void> {
    await this.checkFile(ref, labelsKey(ref), plan.labelsSha256);
    await this.checkFile(ref, labelsIndexKey(ref), plan.indexSha256);
    await this.checkFile(ref, leftOutKey(ref), plan.leftOutSha256);
  }

  private async checkFile(ref: AttemptRef, key: string, sha256: string): Promise<void> {
    for await (const _chunk of readUnchangedFile(this.store, ref, key, sha256));
  }

  private async unlessMissing<T>(ref: AttemptRef, key: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof PayloadNotFound)
        throw new ChangedFile(ref, key, 'is missing from the payload store');
      throw error;
    }
  }
}

function labelIdIn(ref: AttemptRef, line: string): string {
  try {
    const { labelId } = JSON.parse(line) as Partial<PlannedLabel>;
    if (typeof labelId === 'string' && labelId !== '') return labelId;
  } catch {
    // said below; JSON.parse's own words would hold the line
  }
  throw new ChangedFile(ref, labelsKey(ref), 'was changed: one of its lines is not a label');
}
