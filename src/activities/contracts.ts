import type { LeftOutReason } from '../domain/plan';
import type { ExportRequest } from '../domain/request';
import type { LabelCounts, Range } from '../domain/receipt';
import type { Outcome } from '../domain/stage';

/**
 * Arguments and results of the activities: wire contracts, written into histories. References and numbers only, never an
 * element or a label id; each stays under 10 KB.
 */

/** Which attempt at which request; with the issue id it names a folder of the store. */
export interface ExportRef {
  readonly issueId: string;
  readonly revision: string;
  readonly attempt: number;
}

export interface PrepareExportInput {
  readonly request: ExportRequest;
  /** A plan of this request from which nothing was sent yet is made again: an export came in between. */
  readonly again: boolean;
}

export type Prepared = PreparedPlan | PreparedDuplicate | PreparedFailure;

/** A frozen plan, made now or by an earlier run for the same requestId. */
export interface PreparedPlan {
  readonly kind: 'plan';
  readonly ref: ExportRef;
  readonly issueName: string;
  readonly project: string;
  readonly destination: string;
  /** Task queue of `relabelChunk` for this destination. */
  readonly taskQueue: string;
  readonly labels: number;
  readonly leftOut: Partial<Record<LeftOutReason, number>>;
  readonly chunkLabels: number;
  readonly inFlight: number;
  /** More labels than this wait for a person. */
  readonly approvalAbove: number;
  /** Positions below this may have receipts or sent-marks of an earlier run; 0 for a plan made now. */
  readonly touchedUpTo: number;
}

/** The request needs no export of its own: its revision is completed, or its requestId is already in a report. */
export interface PreparedDuplicate {
  readonly kind: 'duplicate';
  /** The attempt whose report answers it. */
  readonly ref: ExportRef;
  readonly outcome: Outcome;
}

/** No plan could be made. */
export interface PreparedFailure {
  readonly kind: 'failed';
  /** The attempt under which the report is written. */
  readonly ref: ExportRef;
  /** A sentence for a person, at most 300 characters, without label ids. */
  readonly reason: string;
}

export interface RelabelChunkInput extends Range {
  readonly ref: ExportRef;
  /** Receipts or sent-marks of other cuts may overlap this range: look at all of them first. */
  readonly mayOverlap: boolean;
}

/**
 * What became of `[from, to)`. `done` may end before the range asked for: a receipt or sent-mark of an earlier cut begins there
 * (or ends there), or only so much fits into one call; the workflow schedules the rest.
 */
export type ChunkResult =
  | ({ readonly kind: 'done'; readonly upTo: number; readonly repeated: boolean } & ChunkCounts)
  /** No call was made: the range is over the byte bound; this many labels, at least one, fit. */
  | { readonly kind: 'too-many-bytes'; readonly fits: number }
  /** The service refused the size (413), or the call timed out and may be repeated smaller: cut and send the parts. `repeated` carries over. */
  | { readonly kind: 'too-large' }
  /** The service refused the items (400, 422): halve, down to the poison ids. A single label never gives this: it is `done`, refused. */
  | { readonly kind: 'bad-items' }
  /** Only a person can mend it: pause. `because` is our sentence, at most 300 characters. Nothing was done. */
  | { readonly kind: 'needs-person'; readonly because: string };

export interface ChunkCounts {
  readonly relabeled: number;
  readonly alreadyGone: number;
  readonly refused: number;
  readonly unconfirmed: number;
}

/** One line of the report about who decided what; `by` in a signal is a claim. */
export interface LogEntry {
  readonly at: string;
  readonly text: string;
}

export type WriteReportInput =
  /** Ends an attempt: every label of its plan with its outcome; what has no receipt is `withheld`, or `unconfirmed` when it was sent. */
  | {
      readonly kind: 'ended';
      /** The requests it answers; the first made the attempt. At most 100. */
      readonly request: ExportRequest;
      readonly also: readonly string[];
      readonly ref: ExportRef;
      /** `completed` here means "sent to the end": the activity answers `completed-with-problems` when the receipts say so. */
      readonly outcome: Outcome;
      readonly reason?: string;
      readonly log: readonly LogEntry[];
    }
  /** Superseded or cancelled before a plan was made: request and reason, no labels. The activity finds the attempt number itself. */
  | {
      readonly kind: 'never-planned';
      readonly request: ExportRequest;
      readonly also: readonly string[];
      readonly outcome: Outcome;
      readonly reason: string;
      readonly log: readonly LogEntry[];
    }
  /** These requests repeat an attempt that has its report: their ids are added to it. At most 100. */
  | { readonly kind: 'duplicates'; readonly ref: ExportRef; readonly requestIds: readonly string[] };

export interface WrittenReport {
  readonly outcome: Outcome;
  readonly labels: LabelCounts;
}

/** Activities on the main task queue. */
export interface MainActivities {
  prepareExport(input: PrepareExportInput): Promise<Prepared>;
  writeReport(input: WriteReportInput): Promise<WrittenReport>;
}

/** Activities on a destination's task queue. */
export interface LabelingActivities {
  relabelChunk(input: RelabelChunkInput): Promise<ChunkResult>;
}
