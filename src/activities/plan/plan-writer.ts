import { defined } from '../../collections/defined';
import type { AttemptRef } from '../../domain/attempt-ref';
import type { Route } from '../../domain/route';
import type { Element } from '../../domain/element';
import type { LeftOut, LeftOutReason, Plan, PlannedLabel } from '../../domain/plan';
import { type SelectedLabel, selectLabels } from './select-labels';
import { parseElement } from '../../export-body/parse-element';
import type { ReadElement } from '../../export-body/read-export';
import { labelsIndexKey, labelsKey, leftOutKey } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { LabelConflicts } from './label-conflicts';
import type { LabelsSeen } from './labels-seen';
import { PlanSummarizer } from './plan-summarizer';
import { stageFile, type StagedFile } from '../stage-file';

/** Counts and hashes of a written plan. */
export type PlanTotals = Pick<
  Plan,
  'elements' | 'labels' | 'leftOut' | 'labelsSha256' | 'indexSha256' | 'leftOutSha256' | 'summary'
>;

/**
 * Writes the lines of a plan while elements stream in. Each element adds a label, or at least one line that
 * states why it is left out.
 */
export class PlanWriter {
  firstInvalid: { readonly element: number; readonly why: string } | undefined;
  private elements = 0;
  private count = 0;
  private readonly summarizer = new PlanSummarizer();
  private readonly conflicts: LabelConflicts;
  private readonly leftOutCounts: Partial<Record<LeftOutReason, number>> = {};

  private constructor(
    private readonly route: Route,
    private readonly labelsSeen: LabelsSeen,
    private readonly labels: StagedFile,
    private readonly index: StagedFile,
    private readonly leftOut: StagedFile,
    private readonly onLeftOut?: (line: LeftOut) => void,
  ) {
    this.conflicts = new LabelConflicts(route.labelId);
  }

  /**
   * Runs `work` with a new writer, and discards its staged files afterwards, also after an error.
   * @param onLeftOut called with each line that is left out.
   */
  static async use<T>(
    store: PayloadStore,
    route: Route,
    labelsSeen: LabelsSeen,
    work: (writer: PlanWriter) => Promise<T>,
    onLeftOut?: (line: LeftOut) => void,
  ): Promise<T> {
    const staged: StagedFile[] = [];
    try {
      for (let file = 0; file < 3; file += 1) staged.push(await stageFile(store));
      const [labels, index, leftOut] = staged as [StagedFile, StagedFile, StagedFile];
      return await work(new PlanWriter(route, labelsSeen, labels, index, leftOut, onLeftOut));
    } finally {
      await Promise.all(staged.map((file) => file.discard()));
    }
  }

  async take({ index, ...read }: ReadElement): Promise<void> {
    this.elements += 1;
    const parsed = parseElement(read);
    if (parsed.kind === 'invalid') {
      const { why, elementId } = parsed;
      return this.leaveOut({ element: index, ...defined({ elementId }), reason: 'invalid', detail: why });
    }
    const { labels, leftOut } = selectLabels(parsed.element, index, this.route);
    for (const line of leftOut) await this.leaveOut(line);
    for (const label of labels) await this.takeLabel(label, parsed.element, index);
  }

  /** Ends the plan's files; `commit` makes them durable. */
  async finish(): Promise<PlanTotals> {
    const { warnings } = this.conflicts;
    await this.index.write(encodeOffset(this.labels.bytes)); // end of the last label
    for (const file of [this.labels, this.index, this.leftOut]) await file.finish();
    return {
      elements: this.elements,
      labels: this.count,
      leftOut: this.leftOutCounts,
      labelsSha256: this.labels.sha256,
      indexSha256: this.index.sha256,
      leftOutSha256: this.leftOut.sha256,
      summary: {
        ...this.summarizer.summary,
        ...defined({ warnings: warnings.length > 0 ? warnings : undefined }),
      },
    };
  }

  /** Makes the finished files durable. The caller writes `plan.json` last. */
  async commit(ref: AttemptRef): Promise<void> {
    await this.labels.commit(labelsKey(ref));
    await this.index.commit(labelsIndexKey(ref));
    await this.leftOut.commit(leftOutKey(ref));
  }

  private async takeLabel(label: SelectedLabel, source: Element, element: number): Promise<void> {
    const { labelId, className } = label;
    const { elementId } = source;
    const leftOut = this.labelsSeen.addPlanned(labelId, this.count);
    if (leftOut?.position !== undefined) this.conflicts.add(leftOut.position - 1, label, source);
    if (leftOut) return this.leaveOut({ element, elementId, labelId, ...leftOut });
    const planned: PlannedLabel = { labelId, elementId, element, ...defined({ className }) };
    await this.index.write(encodeOffset(this.labels.bytes));
    await this.labels.write(`${JSON.stringify(planned)}\n`);
    this.summarizer.add(label, source, this.count);
    this.conflicts.add(this.count, label, source);
    this.count += 1;
  }

  private async leaveOut(line: LeftOut): Promise<void> {
    if (line.reason === 'invalid') this.firstInvalid ??= { element: line.element, why: line.detail };
    this.leftOutCounts[line.reason] = (this.leftOutCounts[line.reason] ?? 0) + 1;
    await this.leftOut.write(`${JSON.stringify(line)}\n`);
    this.onLeftOut?.(line);
  }
}

function encodeOffset(offset: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64LE(BigInt(offset));
  return bytes;
}
