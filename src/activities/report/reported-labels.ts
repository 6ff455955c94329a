import { defined } from '../../collections/defined';
import type { AttemptRef } from '../../domain/attempt-ref';
import type { Plan, PlannedLabel } from '../../domain/plan';
import {
  addOutcomes,
  countOutcomes,
  type LabelCounts,
  type LabelOutcome,
  noOutcomes,
} from '../../domain/label-outcome';
import type { ItemOutcome } from '../../domain/receipt';
import { labelsKey } from '../../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { ChangedFile } from '../../payloads/changed-file';
import { readUnchangedFile } from '../../payloads/read-unchanged-file';
import { elementsOfLabel } from './elements-of-label';
import type { FurtherElements, NamingElement } from './further-elements';
import { stopIfCancelled } from '../heartbeating';
import { readLines } from '../../payloads/read-lines';
import { readFurtherElements } from './read-further-elements';
import { readSentMark, readUnchangedReceipt, receiptFiles, type ReceiptFile } from '../../payloads/receipts';
import { type Segment, splitIntoSegments } from './segments';

/** One label in a report. */
export interface ReportedLabel {
  /** From 1, as people count and as `upTo` does. */
  readonly position: number;
  readonly labelId: string;
  readonly elementId: string;
  /** Index of the element in the delivery, from 0; -1 when the plan's line is gone. */
  readonly element: number;
  readonly className?: string;
  /** How many elements name the label. */
  readonly elementCount: number;
  /** The first of them, at most 100; the others stand in what was left out, as `same-label`. */
  readonly elements: readonly NamingElement[];
  readonly outcome: LabelOutcome | 'withheld';
  readonly repeated: boolean;
  /** The service's, or what stopped the export before a withheld label was sent. */
  readonly reason?: string;
  /** When it was answered, or sent; of a withheld label, when the export was stopped. */
  readonly at?: string;
  /** The range of the call, `from-to`, as its receipt's name. */
  readonly chunk?: string;
  /** Who let it go, or rejected what is withheld: `policy`, `ann (token)`, `"ann" (claimed)`; absent when nobody did. */
  readonly decision?: string;
}

/** What is told of every label of a segment. */
interface SegmentOutcome {
  readonly outcomeAt: (
    position: number,
  ) => Pick<ReportedLabel, 'outcome' | 'reason'> & { readonly labelId?: string };
  readonly shared: Pick<ReportedLabel, 'repeated' | 'at' | 'chunk'>;
}

/**
 * What became of the labels of a plan, read from its receipts and sent-marks. One receipt is in memory at a time, and of the
 * elements what `FurtherElements` keeps.
 */
export async function openReportedLabels(store: PayloadStore, ref: AttemptRef, plan: Plan) {
  const segments = splitIntoSegments(await receiptFiles(store, ref), plan.labels);
  const { further, changed } = await readFurtherElements(store, ref, plan);
  return {
    counts: () => countLabels(store, ref, plan, segments),
    labels: () => reportedLabels(store, ref, segments, further),
    /** Files of the plan that were changed since it was made: what can be read of them is told all the same. */
    changed: [await changedLabels(store, ref, plan), changed].filter((one) => one !== undefined),
  };
}

async function changedLabels(
  store: PayloadStore,
  ref: AttemptRef,
  { labelsSha256 }: Plan,
): Promise<ChangedFile | undefined> {
  try {
    for await (const _chunk of readUnchangedFile(store, ref, labelsKey(ref), labelsSha256)) stopIfCancelled();
    return undefined;
  } catch (error) {
    if (error instanceof ChangedFile) return error;
    throw error;
  }
}

async function countLabels(
  store: PayloadStore,
  ref: AttemptRef,
  { labels }: Plan,
  segments: readonly Segment[],
): Promise<LabelCounts> {
  let counts = noOutcomes;
  let withheld = 0;
  for (const segment of segments) {
    const { outcomeAt } = await readSegment(store, ref, segment);
    const outcomes: LabelOutcome[] = [];
    for (let position = segment.from; position < segment.to; position += 1) {
      const { outcome } = outcomeAt(position);
      if (outcome === 'withheld') withheld += 1;
      else outcomes.push(outcome);
    }
    counts = addOutcomes(counts, countOutcomes(outcomes));
  }
  return { planned: labels, ...counts, withheld };
}

async function* reportedLabels(
  store: PayloadStore,
  ref: AttemptRef,
  segments: readonly Segment[],
  further: FurtherElements,
): AsyncGenerator<ReportedLabel> {
  const planned = plannedLabels(store, ref);
  try {
    for (const segment of segments) {
      const { outcomeAt, shared } = await readSegment(store, ref, segment);
      for (let position = segment.from; position < segment.to; position += 1) {
        const next = await planned.next();
        const label = next.done ? lineGone : next.value;
        yield {
          position: position + 1,
          ...label,
          ...elementsOfLabel(label, further, position),
          ...outcomeAt(position),
          ...shared,
        };
      }
    }
  } finally {
    await planned.return(undefined);
  }
}

/** A report is written even when the plan's file was changed: that may be why the export was ended. */
const lineGone: PlannedLabel & { reason: string } = {
  labelId: '',
  elementId: '',
  element: -1,
  reason: 'Its line in labels.ndjson is gone or was changed.',
};

async function* plannedLabels(store: PayloadStore, ref: AttemptRef): AsyncGenerator<PlannedLabel, undefined> {
  try {
    for await (const line of readLines(store.read(labelsKey(ref)))) yield parsed(line);
  } catch (error) {
    if (!(error instanceof PayloadNotFound)) throw error;
  }
  return undefined;
}

function parsed(line: string): PlannedLabel {
  try {
    const label = JSON.parse(line) as PlannedLabel;
    return typeof label?.labelId === 'string' && typeof label.elementId === 'string' ? label : lineGone;
  } catch {
    return lineGone;
  }
}

async function readSegment(store: PayloadStore, ref: AttemptRef, { file }: Segment): Promise<SegmentOutcome> {
  stopIfCancelled();
  if (!file) return { outcomeAt: () => ({ outcome: 'withheld' }), shared: { repeated: false } };
  if (file.kind === 'sent') return outcomeFromMark(store, ref, file, 'It was sent, and no answer was kept.');
  const receipt = await readUnchangedReceipt(store, ref, file);
  if (!receipt)
    return outcomeFromMark(store, ref, file, 'Its receipt cannot be read: it was changed or cut off.');
  return {
    outcomeAt: (position) => fromItem(receipt.items[position - file.from]!),
    shared: { repeated: receipt.repeated, at: receipt.answeredAt, chunk: `${file.from}-${file.to}` },
  };
}

/** The id in the receipt is what was sent, whatever the plan's line says now. */
function fromItem({ labelId, outcome, reason }: ItemOutcome) {
  return { labelId, outcome, ...defined({ reason }) };
}

async function outcomeFromMark(
  store: PayloadStore,
  ref: AttemptRef,
  file: ReceiptFile,
  reason: string,
): Promise<SegmentOutcome> {
  const mark = await readSentMark(store, ref, file);
  return {
    outcomeAt: () => ({ outcome: 'unconfirmed', reason }),
    shared: {
      repeated: false,
      chunk: `${file.from}-${file.to}`,
      ...defined({ at: mark ? mark.sentAt : undefined }),
    },
  };
}
