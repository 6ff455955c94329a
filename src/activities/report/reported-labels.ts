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
import { mergeRanges, subtractRanges } from '../../domain/ranges';
import type { ItemOutcome, Range } from '../../domain/receipt';
import { labelsKey, leftOutKey } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { listNamingElements } from './list-naming-elements';
import type { OtherElements, NamingElement } from './other-elements';
import { stopIfCancelled } from '../heartbeating';
import { openPlanFile } from './open-plan-file';
import { readLeftOut } from './read-left-out';
import { readOtherElements } from './read-other-elements';
import {
  findMissingReceipt,
  readSentMark,
  readUnchangedReceipt,
  type ReceiptFile,
  receiptFiles,
} from '../../payloads/receipts';
import { hashReceipts } from '../../payloads/receipts-digest';
import { markLost, type Segment, splitIntoSegments } from './split-into-segments';

/** One label in a report. */
export interface ReportedLabel {
  /** From 1, like `upTo`. */
  readonly position: number;
  readonly labelId: string;
  readonly elementId: string;
  /** Index of the element in the delivery, from 0; -1 when the plan's line is unreadable. */
  readonly element: number;
  readonly className?: string;
  readonly elementCount: number;
  /**
   * At most 100 of the `elementCount` elements that name the label; all but the first are also left out as
   * `same-label`.
   */
  readonly elements: readonly NamingElement[];
  readonly outcome: LabelOutcome | 'withheld';
  readonly repeated: boolean;
  /** The service's reason or ours; for a withheld label, what stopped the export. */
  readonly reason?: string;
  /** When the call was answered, or sent if no answer came; for a withheld label, when the export stopped. */
  readonly at?: string;
  /** Range of the call as `from-to`: the name of its receipt. */
  readonly chunk?: string;
  /**
   * Who approved the label, or rejected it: `policy`, `ann (token)`, `"ann" (claimed)`. Absent when neither
   * happened, and when the record of the approval is lost.
   */
  readonly decision?: string;
}

/** What a report states about the labels of a segment: `outcomeAt` per position, `shared` for all of them. */
interface SegmentOutcome {
  readonly outcomeAt: (
    position: number,
  ) => Pick<ReportedLabel, 'outcome' | 'reason'> & { readonly labelId?: string };
  readonly shared: Pick<ReportedLabel, 'repeated' | 'at' | 'chunk'>;
  readonly isFromReceipt?: true;
}

/** What a report needs from a plan. */
export interface ReportedPlan extends Pick<Plan, 'labels' | 'leftOut'> {
  /** The hash of `labels.ndjson`, or its first digits. */
  readonly labelsSha256: string;
  /** Empty when `plan.json` is gone: `left-out.ndjson` is then not checked. */
  readonly leftOutSha256: string;
}

/**
 * Reads what became of the labels of a plan from its receipts and sent-marks. Holds one receipt in memory at
 * a time, and the elements that `OtherElements` keeps.
 * @param answered positions that have an outcome, according to the workflow.
 * @returns `changed`: files that are missing or were changed; their readable lines are reported.
 */
export async function openReportedLabels(
  store: PayloadStore,
  ref: AttemptRef,
  plan: ReportedPlan,
  answered: readonly Range[],
) {
  const files = await receiptFiles(store, ref);
  const segments = markLost(splitIntoSegments(files, plan.labels), answered);
  const labels = await openPlanFile(store, ref, labelsKey(ref), plan.labelsSha256);
  const leftOut = await openPlanFile(store, ref, leftOutKey(ref), plan.leftOutSha256);
  const others = await readOtherElements(leftOut.lines(), plan);
  return {
    count: async () => {
      const counted = await countLabels(store, ref, plan, segments, answered);
      return {
        ...counted,
        receiptsSha256: await hashReceipts(store, ref, counted.receipts, stopIfCancelled),
      };
    },
    labels: () => readReportedLabels(store, ref, segments, others, readPlannedLabels(labels.lines())),
    leftOut: () => readLeftOut(leftOut.lines()),
    changed: [labels.changed, leftOut.changed, findMissingReceipt(ref, answered, files)].filter(
      (file) => file !== undefined,
    ),
  };
}

interface CountedLabels {
  readonly counts: LabelCounts;
  /** Positions whose outcome is from a receipt. */
  readonly receipts: readonly Range[];
  /** Positions whose receipt is missing or was changed. */
  readonly lost: readonly Range[];
  /** Positions that were sent, or may have been. */
  readonly sent: readonly Range[];
}

async function countLabels(
  store: PayloadStore,
  ref: AttemptRef,
  { labels }: ReportedPlan,
  segments: readonly Segment[],
  answered: readonly Range[],
): Promise<CountedLabels> {
  let counts = noOutcomes;
  let withheld = 0;
  const receipts: Range[] = [];
  const sent = mergeRanges(segments.filter(({ file, isLost }) => file ?? isLost));
  for (const segment of segments) {
    const { outcomeAt, isFromReceipt } = await readSegment(store, ref, segment);
    if (isFromReceipt) receipts.push({ from: segment.from, to: segment.to });
    const outcomes: LabelOutcome[] = [];
    for (let position = segment.from; position < segment.to; position += 1) {
      const { outcome } = outcomeAt(position);
      if (outcome === 'withheld') withheld += 1;
      else outcomes.push(outcome);
    }
    counts = addOutcomes(counts, countOutcomes(outcomes));
  }
  const expected = [...answered, ...segments.filter(({ file }) => file?.kind === 'receipt')];
  const lost = subtractRanges(expected, receipts);
  return { counts: { planned: labels, ...counts, withheld }, receipts: mergeRanges(receipts), lost, sent };
}

async function* readReportedLabels(
  store: PayloadStore,
  ref: AttemptRef,
  segments: readonly Segment[],
  others: OtherElements,
  planned: AsyncGenerator<PlannedLabel, undefined>,
): AsyncGenerator<ReportedLabel> {
  try {
    for (const segment of segments) {
      const { outcomeAt, shared } = await readSegment(store, ref, segment);
      for (let position = segment.from; position < segment.to; position += 1) {
        const next = await planned.next();
        const label = next.done ? unreadableLine : next.value;
        yield {
          position: position + 1,
          ...label,
          ...listNamingElements(label, others, position),
          ...outcomeAt(position),
          ...shared,
        };
      }
    }
  } finally {
    await planned.return(undefined);
  }
}

const unreadableLine: PlannedLabel & { reason: string } = {
  labelId: '',
  elementId: '',
  element: -1,
  reason: 'The line of the label in labels.ndjson is missing or was changed.',
};

async function* readPlannedLabels(lines: AsyncIterable<string>): AsyncGenerator<PlannedLabel, undefined> {
  for await (const line of lines) yield parseLine(line);
  return undefined;
}

function parseLine(line: string): PlannedLabel {
  try {
    const label = JSON.parse(line) as PlannedLabel;
    return typeof label?.labelId === 'string' && typeof label.elementId === 'string' ? label : unreadableLine;
  } catch {
    return unreadableLine;
  }
}

async function readSegment(
  store: PayloadStore,
  ref: AttemptRef,
  { file, isLost }: Segment,
): Promise<SegmentOutcome> {
  stopIfCancelled();
  if (!file) return { outcomeAt: () => (isLost ? lostOutcome : withheld), shared: { repeated: false } };
  if (file.kind === 'sent')
    return readMark(store, ref, file, 'The label may have been sent, but there is no receipt.');
  const receipt = await readUnchangedReceipt(store, ref, file);
  if (!receipt) return readMark(store, ref, file, 'The receipt cannot be read: it was changed or truncated.');
  return {
    outcomeAt: (position) => toOutcome(receipt.items[position - file.from]!),
    shared: { repeated: receipt.repeated, at: receipt.answeredAt, chunk: `${file.from}-${file.to}` },
    isFromReceipt: true,
  };
}

const withheld = { outcome: 'withheld' } as const;
const lostOutcome = {
  outcome: 'unconfirmed',
  reason: 'The label was sent, but its receipt is missing from the payload store.',
} as const;

/** The receipt's id replaces the plan's: it is the id that was sent, even if the plan's line has changed. */
function toOutcome({ labelId, outcome, reason }: ItemOutcome) {
  return { labelId, outcome, ...defined({ reason }) };
}

async function readMark(
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
