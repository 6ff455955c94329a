import type { OperatorAction } from '../domain/decision';
import type { DecisionEntry, LogEntry } from '../domain/decision-log';
import type { AttemptRef } from '../domain/attempt-ref';
import type { NoticeEvent } from '../domain/notice-event';
import type { LeftOutReason } from '../domain/plan';
import type { ExportRequest } from '../domain/request';
import type { LabelCounts, OutcomeCounts } from '../domain/label-outcome';
import type { Range } from '../domain/receipt';
import type { Outcome, Stage } from '../domain/stage';

/**
 * Arguments and results of the activities: wire contracts, written into histories. References and numbers only, never an
 * element or a label id; each stays under 10 KB.
 */

export interface PrepareExportInput {
  readonly request: ExportRequest;
  /** Reads no delivery and makes no plan: answers what the store knows of the request; without a plan of its own `nothing`. */
  readonly onlyLook?: boolean;
}

export type Prepared = PreparedPlan | PreparedDuplicate | PreparedFailure | { readonly kind: 'nothing' };

/** A frozen plan, made now or by an earlier run for the same requestId. */
export interface PreparedPlan {
  readonly kind: 'plan';
  readonly ref: AttemptRef;
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
  /** How a person is asked. */
  readonly asking: AskingPolicy;
  /** What the question shows. */
  readonly brief: PlanBrief;
  /** Who is told of what. */
  readonly notices: readonly NoticeTarget[];
  /** Positions below this may have receipts or sent-marks of an earlier run; 0 for a plan made now. */
  readonly touchedUpTo: number;
  /** The labels from the first on that an earlier run has receipts of; absent when there are none. */
  readonly finished?: { readonly upTo: number; readonly chunks: number; readonly counts: OutcomeCounts };
}

export interface AskingPolicy {
  readonly expiresAfterMs: number;
  readonly remindEveryMs: number;
  /** `ignore`: decisions count only with the gateway's proof. */
  readonly signals: 'accept' | 'ignore';
}

/** A plan in numbers. Names of classes are an element's: they stay in the store, where page, command and notices read them. */
export interface PlanBrief {
  readonly elements: number;
  readonly frames: number;
  /** At the destination's rate; absent when it has none. */
  readonly seconds?: number;
}

export interface NoticeTarget {
  /** The notice's name in the configuration. */
  readonly name: string;
  readonly events: readonly NoticeEvent[];
}

/** The request needs no export of its own: its revision is completed, or its requestId is already in a report. */
export interface PreparedDuplicate {
  readonly kind: 'duplicate';
  /** The attempt whose report answers it. */
  readonly ref: AttemptRef;
  readonly outcome: Outcome;
}

/** No plan could be made. */
export interface PreparedFailure {
  readonly kind: 'failed';
  /** The attempt under which the report is written. */
  readonly ref: AttemptRef;
  /** A sentence for a person, at most 300 characters, without label ids. */
  readonly reason: string;
  readonly notices: readonly NoticeTarget[];
}

export interface RelabelChunkInput extends Range {
  readonly ref: AttemptRef;
  /** Receipts or sent-marks of other cuts may overlap this range: look at all of them first. */
  readonly mayOverlap: boolean;
  /** Nothing else is in flight, and labels were sent before a question or a pause: their receipts are looked at before more is sent. */
  readonly lookBack?: boolean;
}

/**
 * What became of `[from, to)`. `done` may end before the range asked for: a receipt or sent-mark of an earlier cut begins there
 * (or ends there), or only so much fits into one call; the workflow schedules the rest.
 */
export type ChunkResult =
  | ({ readonly kind: 'done'; readonly upTo: number } & OutcomeCounts)
  /** No call was made: the range is over the byte bound; this many labels, at least one, fit. */
  | { readonly kind: 'too-many-bytes'; readonly fits: number }
  /** The service refused the size (413), or the call timed out and may be repeated smaller: cut and send the parts. */
  | { readonly kind: 'too-large' }
  /** The service refused the items (400, 422): halve, down to the poison ids. A single label never gives this: it is `done`, refused. */
  | { readonly kind: 'bad-items' }
  /** Only a person can mend it: pause. `because` is our sentence, at most 300 characters. Nothing was done. */
  | { readonly kind: 'needs-person'; readonly because: string };

export type WriteReportInput =
  /** Ends an attempt: every label of its plan with its outcome; what has no receipt is `withheld`, or `unconfirmed` when it was sent. */
  | {
      readonly kind: 'ended';
      /** The requests it answers; the first made the attempt. At most 100. */
      readonly request: ExportRequest;
      readonly also: readonly string[];
      readonly ref: AttemptRef;
      /** `completed` here means "sent to the end": the activity answers `completed-with-problems` when the receipts say so. */
      readonly outcome: Outcome;
      readonly reason?: string;
      readonly log: readonly LogEntry[];
      /** Policy approved the whole plan. */
      readonly policyApproval?: DecisionEntry;
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
  | { readonly kind: 'duplicates'; readonly ref: AttemptRef; readonly requestIds: readonly string[] };

export interface WrittenReport {
  readonly outcome: Outcome;
  readonly labels: LabelCounts;
}

/** What one target is told of one event. */
export interface NotifyInput {
  readonly target: string;
  readonly event: NoticeEvent;
  /** Names the event for the receiver: the same when it is sent again. */
  readonly id: string;
  readonly at: string;
  readonly ref: AttemptRef;
  readonly issueName: string;
  readonly project: string;
  readonly destination?: string;
  readonly stage: Stage;
  readonly labels: LabelCounts;
  /** A question: labels `from` to `to`, until when, and who is asked. */
  readonly question?: {
    readonly from: number;
    readonly to: number;
    /** Absent while it is paused: the deadline stands still. */ readonly expiresAt?: string;
  };
  readonly brief?: PlanBrief;
  /** Why it is paused, or how it ended. */
  readonly because?: string;
}

/** A notice that could not be delivered. */
export interface NoteNoticeInput {
  readonly notice: NotifyInput;
  readonly failure: string;
}

/** What the gateway took from somebody with an operator's token: it wrote this into the store before it told the workflow. */
export interface CheckDecisionInput {
  readonly issueId: string;
  /** Name of the record. */
  readonly record: string;
  readonly decision: OperatorAction;
  /** Of `approve` and `reject`. */
  readonly revision?: string;
  readonly by: string;
  /** Its beginning where the issue id is very long. */
  readonly reason?: string;
  readonly upTo?: number;
}

/** A decision that counts for an attempt. */
export interface KeepDecisionInput {
  readonly ref: AttemptRef;
  /** Number of the question in this run; with the time it names the file. */
  readonly question: number;
  readonly entry: DecisionEntry;
}

/** Activities on the main task queue. */
export interface MainActivities {
  prepareExport(input: PrepareExportInput): Promise<Prepared>;
  writeReport(input: WriteReportInput): Promise<WrittenReport>;
  /** Tells one target of one event. */
  notify(input: NotifyInput): Promise<void>;
  /** Writes into `notices.ndjson` beside the report that a notice was given up. */
  noteNotice(input: NoteNoticeInput): Promise<void>;
  /** Whether the store has the gateway's record of this very decision, and nothing else has used it. */
  checkDecision(input: CheckDecisionInput): Promise<boolean>;
  /** Writes a decision beside the plan, before anything is done because of it. */
  keepDecision(input: KeepDecisionInput): Promise<void>;
}

/** Activities on a destination's task queue. */
export interface LabelingActivities {
  relabelChunk(input: RelabelChunkInput): Promise<ChunkResult>;
}
