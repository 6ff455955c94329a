import { buffer } from 'node:stream/consumers';
import type { AttemptRef } from '../../domain/attempt-ref';
import type { Plan, PlannedLabel } from '../../domain/plan';
import type { Range } from '../../domain/receipt';
import type { Item } from '../../labeling/labeling-service';
import { ChangedFile } from '../../payloads/changed-file';
import { CheckedFile } from '../../payloads/checked-file';
import { labelsIndexKey, labelsKey, leftOutKey, planKey } from '../../payloads/keys';
import { type ByteRange, PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { planHash, readPlan } from '../../payloads/plan-file';
import { readLines } from '../../payloads/read-lines';
import { formatNumber } from '../../text/format-number';
import { pluralize } from '../../text/pluralize';

/** Maximum checked plans to remember: a worker runs for months, and every attempt adds a plan. */
const maxCheckedPlans = 200;

/** The items of a range, up to the byte bound. */
interface RangeItems {
  readonly items: readonly Item[];
  /** How many labels from the start of the range are within the bound; at least one. */
  readonly fits: number;
}

/** The files of a plan, as they were when their hashes were right. */
interface CheckedPlan {
  readonly labels: CheckedFile;
  readonly index: CheckedFile;
}

/** A plan, and its labels. */
export interface OpenPlan {
  readonly plan: Plan;
  /**
   * The items of a range, in plan order. Stops reading at the byte bound.
   * @param maxBytes maximum bytes of the ids as JSON. If the first id alone exceeds it, only that id is
   * returned.
   * @throws {ChangedFile} when the plan's labels or index are missing or were changed.
   */
  items(range: Range, maxBytes: number): Promise<RangeItems>;
}

/**
 * Reads ranges of plans. A worker hashes the files of a plan once, before it sends any of the plan's labels, and
 * then sends only labels from the bytes that it hashed.
 */
export class PlanLabels {
  /** Keyed by plan key and hashes, because a plan that is made again has other hashes. */
  private readonly checked = new Map<string, Promise<CheckedPlan>>();

  constructor(private readonly store: PayloadStore) {}

  /**
   * @param planSha256 hash of the plan whose labels may be sent; undefined for a run of an earlier version.
   * @throws {ChangedFile} when a file of the plan is missing or was changed, or when it is another plan.
   */
  async open(ref: AttemptRef, planSha256: string | undefined): Promise<OpenPlan> {
    const plan = await this.readPlan(ref);
    if (planSha256 !== undefined && planHash(plan) !== planSha256)
      throw new ChangedFile(ref, planKey(ref), 'is another plan than the one that was approved');
    const key = `${planKey(ref)} ${plan.labelsSha256} ${plan.indexSha256} ${plan.leftOutSha256}`;
    const checking = this.checked.get(key) ?? this.check(ref, plan);
    this.remember(key, checking);
    const files = await checking;
    return { plan, items: (range, maxBytes) => readItems(ref, files, range, maxBytes) };
  }

  private async readPlan(ref: AttemptRef): Promise<Plan> {
    try {
      return await readPlan(this.store, ref);
    } catch (error) {
      if (error instanceof PayloadNotFound) throw ChangedFile.missing(ref, planKey(ref));
      throw error;
    }
  }

  private remember(key: string, checking: Promise<CheckedPlan>): void {
    this.checked.delete(key);
    this.checked.set(key, checking);
    checking.catch(() => this.checked.delete(key)); // checked again after an operator has restored the file
    for (const oldest of this.checked.keys()) {
      if (this.checked.size <= maxCheckedPlans) return;
      this.checked.delete(oldest);
    }
  }

  private async check(ref: AttemptRef, plan: Plan): Promise<CheckedPlan> {
    const { store } = this;
    const labels = await CheckedFile.open(store, ref, labelsKey(ref), plan.labelsSha256);
    const index = await CheckedFile.open(store, ref, labelsIndexKey(ref), plan.indexSha256);
    await CheckedFile.open(store, ref, leftOutKey(ref), plan.leftOutSha256);
    return { labels, index };
  }
}

async function readItems(
  ref: AttemptRef,
  { labels, index }: CheckedPlan,
  range: Range,
  maxBytes: number,
): Promise<RangeItems> {
  const bounds = await readBounds(ref, index, range);
  const items: Item[] = [];
  let bytes = 0;
  for await (const line of readLines(labels.read(bounds))) {
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

/** The bytes of a range's lines in `labels.ndjson`. */
async function readBounds(ref: AttemptRef, index: CheckedFile, { from, to }: Range): Promise<ByteRange> {
  const offsets = await buffer(index.read({ start: from * 8, end: (to + 1) * 8 }));
  if (offsets.length !== (to - from + 1) * 8)
    throw new ChangedFile(ref, labelsIndexKey(ref), `ends before label ${formatNumber(to)}`);
  return {
    start: Number(offsets.readBigUInt64LE(0)),
    end: Number(offsets.readBigUInt64LE(offsets.length - 8)),
  };
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
