import { defined } from '../../collections/defined';
import { createHash } from 'node:crypto';
import type { Element } from '../../domain/element';
import { LabelTable } from '../../collections/label-table';
import { nameBytes } from '../../domain/limits';
import type { NamedCounts, PlanSummary, SampleLabel } from '../../domain/plan-summary';
import { cutToBytes } from '../../text/cut';
import { findImage } from './find-image';
import type { SelectedLabel } from './select-labels';

/**
 * Maximum distinct names to count separately. Millions of names would fill the memory, so labels with any
 * other name count as `other`.
 */
const countedNames = 10_000;
const listedNames = 50;
const sampleLabels = 12;

/** Summarizes the labels of a plan while they stream in. */
export class PlanSummarizer {
  private readonly classes = new NameCounter();
  private readonly datasets = new NameCounter();
  private readonly inferenceSets = new NameCounter();
  private readonly frames = new LabelTable();
  private sample: Drawn[] = [];

  /** @param position of the label in the plan, from 0. */
  add(label: SelectedLabel, element: Element, position: number): void {
    this.classes.count(label.className);
    this.datasets.count(element.dataset);
    this.inferenceSets.count(element.inferenceSet);
    this.frames.add(element.frameId ?? element.elementId, 0);
    this.draw(label, element, position);
  }

  get summary(): PlanSummary {
    return {
      classes: this.classes.counts,
      datasets: this.datasets.counts,
      inferenceSets: this.inferenceSets.counts,
      frames: this.frames.size,
      sample: this.sample.map(({ lot: _lot, ...label }) => label).toSorted((a, b) => a.position - b.position),
    };
  }

  /**
   * Assigns a pseudo-random number to each position, and keeps the positions with the smallest numbers. The
   * sample is fair although the total is unknown, and the same plan always has the same sample.
   */
  private draw({ labelId, className, source }: SelectedLabel, { frame }: Element, position: number): void {
    const lot = createHash('sha256').update(String(position)).digest().readUInt32LE(0);
    const last = this.sample.at(-1);
    if (last && this.sample.length === sampleLabels && lot >= last.lot) return;
    const drawn = {
      lot,
      position: position + 1,
      labelId,
      ...defined({ className }),
      ...findImage(frame, source.coordinateFrame),
    };
    this.sample = [...this.sample, drawn].toSorted((a, b) => a.lot - b.lot).slice(0, sampleLabels);
  }
}

interface Drawn extends SampleLabel {
  readonly lot: number;
}

/** Counts labels by name, up to `countedNames` names. Labels without a name count as `other`. */
class NameCounter {
  private readonly known = new Map<string, number>();
  private other = 0;

  count(name: string | undefined): void {
    const cutName = name === undefined ? undefined : cutToBytes(name, nameBytes);
    const before = cutName === undefined ? undefined : this.known.get(cutName);
    if (cutName === undefined || (before === undefined && this.known.size >= countedNames)) this.other += 1;
    else this.known.set(cutName, (before ?? 0) + 1);
  }

  get counts(): NamedCounts {
    const sorted = [...this.known]
      .map(([name, labels]) => ({ name, labels }))
      .toSorted((a, b) => b.labels - a.labels);
    const rest = sorted.slice(listedNames).reduce((sum, { labels }) => sum + labels, 0);
    return { top: sorted.slice(0, listedNames), other: this.other + rest };
  }
}
