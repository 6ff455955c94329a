import type { AttemptRef } from '../../domain/attempt-ref';
import type { Plan, PlannedLabel } from '../../domain/plan';
import type { Range } from '../../domain/receipt';
import { formatNumber } from '../../text/format-number';
import { pluralize } from '../../text/pluralize';
import type { Item } from '../../labeling/labeling-service';
import { labelsIndexKey, labelsKey, leftOutKey, planKey } from '../../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { readBytes } from '../../payloads/small-objects';
import { ChangedFile } from '../../payloads/changed-file';
import { readUnchangedFile } from '../../payloads/read-unchanged-file';
import { readLines } from '../../payloads/read-lines';
import { readPlan } from '../../payloads/plan-file';

/** Maximum checked plans to remember: a worker runs for months, and every attempt adds a plan. */
const maxCheckedPlans = 200;

/** The items of a range, up to the byte bound. */
export interface RangeItems {
  readonly items: readonly Item[];
  /** How many labels from the start of the range are within the bound; at least one. */
  readonly fits: number;
}

/**
 * Reads ranges of a plan's labels. A worker hashes the files of a plan once, before it sends any of the
 * plan's labels.
 */
export class PlanLabels {
  /** Keyed by plan key and hashes, because a plan that is made again has other hashes. */
  private readonly checked = new Map<string, Promise<void>>();

  constructor(private readonly store: PayloadStore) {}

  /** @throws {ChangedFile} when a file of the plan is missing or was changed. */
  async plan(ref: AttemptRef): Promise<Plan> {
    const plan = await this.throwIfMissing(ref, planKey(ref), () => readPlan(this.store, ref));
    const key = `${planKey(ref)} ${plan.labelsSha256} ${plan.indexSha256} ${plan.leftOutSha256}`;
    const checking = this.checked.get(key) ?? this.check(ref, plan);
    this.remember(key, checking);
    await checking;
    return plan;
  }

  /**
   * The items of a range, in plan order. Stops reading at the byte bound.
   * @param maxBytes maximum bytes of the ids as JSON. If the first id alone exceeds it, only that id is
   * returned.
   * @throws {ChangedFile} when the plan's labels or index are missing or were changed.
   */
  async items(ref: AttemptRef, range: Range, maxBytes: number): Promise<RangeItems> {
    return this.throwIfMissing(ref, labelsKey(ref), () => this.readItems(ref, range, maxBytes));
  }

  private async readItems(ref: AttemptRef, range: Range, maxBytes: number): Promise<RangeItems> {
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
        `was changed: expected ${pluralize(expected, 'label')} from position ${formatNumber(range.from + 1)}, got ${formatNumber(items.length)}`,
      );
    return { items, fits: expected };
  }

  private async offsets(ref: AttemptRef, { from, to }: Range): Promise<[number, number]> {
    const key = labelsIndexKey(ref);
    const index = await this.throwIfMissing(ref, key, () =>
      readBytes(this.store, key, { start: from * 8, end: (to + 1) * 8 }),
    );
    if (index.length !== (to - from + 1) * 8)
      throw new ChangedFile(ref, key, `ends before label ${formatNumber(to)}`);
    const [start, end] = [Number(index.readBigUInt64LE(0)), Number(index.readBigUInt64LE(index.length - 8))];
    if (!Number.isSafeInteger(end) || start >= end)
      throw new ChangedFile(ref, key, 'was changed: its offsets do not increase');
    return [start, end];
  }

  private remember(key: string, checking: Promise<void>): void {
    this.checked.delete(key);
    this.checked.set(key, checking);
    checking.catch(() => this.checked.delete(key)); // checked again after an operator has restored the file
    for (const oldest of this.checked.keys()) {
      if (this.checked.size <= maxCheckedPlans) return;
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

  private async throwIfMissing<T>(ref: AttemptRef, key: string, read: () => Promise<T>): Promise<T> {
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
    // a ChangedFile is thrown below: the message of JSON.parse would contain the line
  }
  throw new ChangedFile(ref, labelsKey(ref), 'was changed: one of its lines is not a label');
}
