import { createHash } from 'node:crypto';
import type { Plan, PlannedLabel } from '../domain/plan';
import type { Range } from '../domain/receipt';
import { type AttemptRef, labelsIndexKey, labelsKey, planKey } from '../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../payloads/payload-store';
import { readBytes, readJson } from '../payloads/read-whole';

/** A file of a frozen plan is gone or was changed; the sentence names it. */
export class PlanChanged extends Error {
  override readonly name = 'PlanChanged';
}

/** Reads ranges of a plan's labels. A plan's files are hashed once a worker, before the first of its labels is sent. */
export class PlanLabels {
  private readonly checked = new Map<string, Promise<Plan>>();

  constructor(private readonly store: PayloadStore) {}

  /** The plan, with its files found unchanged. @throws {PlanChanged} */
  async plan(ref: AttemptRef): Promise<Plan> {
    const key = planKey(ref);
    const known = this.checked.get(key) ?? this.check(ref);
    this.checked.set(key, known);
    try {
      return await known;
    } catch (error) {
      this.checked.delete(key);
      throw error;
    }
  }

  /** The labels of a range, in plan order. @throws {PlanChanged} */
  async labels(ref: AttemptRef, range: Range): Promise<PlannedLabel[]> {
    const [start, end] = await this.offsets(ref, range);
    const lines = (await readBytes(this.store, labelsKey(ref), { start, end })).toString('utf8').split('\n').slice(0, -1);
    if (lines.length !== range.to - range.from)
      throw new PlanChanged(`${labelsKey(ref)} has ${lines.length} labels where its plan has ${range.to - range.from}.`);
    return lines.map((line) => JSON.parse(line) as PlannedLabel);
  }

  private async offsets(ref: AttemptRef, { from, to }: Range): Promise<[number, number]> {
    const index = await readBytes(this.store, labelsIndexKey(ref), { start: from * 8, end: (to + 1) * 8 });
    if (index.length !== (to - from + 1) * 8) throw new PlanChanged(`${labelsIndexKey(ref)} ends before label ${to}.`);
    return [Number(index.readBigUInt64LE(0)), Number(index.readBigUInt64LE(index.length - 8))];
  }

  private async check(ref: AttemptRef): Promise<Plan> {
    const plan = await readJson<Plan>(this.store, planKey(ref));
    await this.checkFile(labelsKey(ref), plan.labelsSha256);
    await this.checkFile(labelsIndexKey(ref), plan.indexSha256);
    return plan;
  }

  private async checkFile(key: string, expected: string): Promise<void> {
    const hash = createHash('sha256');
    try {
      for await (const chunk of this.store.read(key)) hash.update(chunk);
    } catch (error) {
      if (error instanceof PayloadNotFound) throw new PlanChanged(`${key} is missing from the payload store.`);
      throw error;
    }
    if (hash.digest('hex') !== expected) throw new PlanChanged(`${key} was changed after its plan was made.`);
  }
}
