import type { Channel, OperatorAction } from '../domain/decision';
import type { DecisionEntry, LogEntry } from '../domain/decision-log';
import type { AttemptRef } from '../domain/attempt-ref';
import type { NoticeEvent } from '../domain/notice-event';
import type { LeftOutReason } from '../domain/plan';
import type { ExportRequest } from '../domain/request';
import type { LabelCounts, OutcomeCounts } from '../domain/label-outcome';
import type { Range } from '../domain/receipt';
import type { ChunkCounts } from '../domain/send-cursor';
import type { Outcome, Stage } from '../domain/stage';

/**
 * Arguments and results of the activities. They are wire contracts, and histories contain them. Each stays
 * under 10 KB, and has only references and numbers, never elements or label ids.
 */

export interface PrepareExportInput {
  readonly request: ExportRequest;
  /**
   * True: only return what the store has for the request. Read no delivery, and make no plan. The result is
   * `nothing` if the store has neither a plan nor a report.
   */
  readonly onlyLook?: boolean;
}

export type Prepared =
  | PreparedPlan
  | PreparedDuplicate
  | PreparedFailure
  | PlanNeedsPerson
  | { readonly kind: 'nothing' };

/** A frozen plan, made now or by an earlier run for the same requestId. */
export interface PreparedPlan {
  readonly kind: 'plan';
  readonly ref: AttemptRef;
  /** `planDigits` of the plan. */
  readonly digits: string;
  /** The hash of the whole plan; absent in histories of earlier versions. */
  readonly planSha256?: string;
  readonly issueName: string;
  readonly project: string;
  readonly destination: string;
  /** Task queue of `relabelChunk` for this destination. */
  readonly taskQueue: string;
  readonly labels: number;
  readonly leftOut: Partial<Record<LeftOutReason, number>>;
  readonly chunkLabels: number;
  readonly inFlight: number;
  /** An operator has to approve when the plan has more labels than this. */
  readonly approvalAbove: number;
  readonly asking: AskingPolicy;
  /** Shown with the question. */
  readonly brief: PlanBrief;
  /** Which receiver gets which events. */
  readonly notices: readonly NoticeReceiver[];
  /** Positions below this may have receipts or sent-marks of an earlier run; 0 for a new plan. */
  readonly touchedUpTo: number;
  /**
   * The labels from the first one on, without a gap, that have receipts from an earlier run. Absent if the
   * first label has no receipt.
   */
  readonly finished?: { readonly upTo: number; readonly chunks: number; readonly counts: OutcomeCounts };
}

export interface AskingPolicy {
  readonly expiresAfterMs: number;
  readonly remindEveryMs: number;
  /** `ignore`: decisions count only with a decision proof. */
  readonly signals: 'accept' | 'ignore';
}

/**
 * A plan in numbers. Class names come from elements, so they stay in the store; page, CLI and notices read
 * them there.
 */
export interface PlanBrief {
  readonly elements: number;
  readonly frames: number;
  /** Estimated from the destination's rate; absent when it has none. */
  readonly seconds?: number;
}

export interface NoticeReceiver {
  /** The notice's name in the configuration. */
  readonly name: string;
  readonly events: readonly NoticeEvent[];
}

/** The request needs no export: its revision is already completed, or a report contains its requestId. */
export interface PreparedDuplicate {
  readonly kind: 'duplicate';
  /** The attempt whose report answers the request. */
  readonly ref: AttemptRef;
  readonly outcome: Outcome;
}

export interface PreparedFailure {
  readonly kind: 'failed';
  /** The attempt that gets the report. */
  readonly ref: AttemptRef;
  /** A sentence for the operator: at most 300 characters, no label ids. */
  readonly reason: string;
  readonly notices: readonly NoticeReceiver[];
}

/**
 * A file of the store is missing or was changed, so that it is unknown what was sent already: pause until an
 * operator has restored it.
 */
export interface PlanNeedsPerson {
  readonly kind: 'needs-person';
  /** The attempt that a plan would get. */
  readonly ref: AttemptRef;
  /** Requeue's sentence, at most 300 characters, no label ids. */
  readonly because: string;
  readonly notices: readonly NoticeReceiver[];
}

export interface RelabelChunkInput extends Range {
  readonly ref: AttemptRef;
  /** The hash of the approved plan; absent in histories of earlier versions. */
  readonly planSha256?: string;
  /** Receipts or sent-marks of other ranges may overlap this one: list all of them first. */
  readonly mayOverlap: boolean;
  /**
   * True if labels were sent earlier, for example before a question or a pause, and no call is in flight:
   * check their receipts before sending more.
   */
  readonly lookBack?: boolean;
  /** With `lookBack`: positions that have an outcome, so that each must have a receipt. At most 100 ranges. */
  readonly answered?: readonly Range[];
  /**
   * Number of equal server errors after which the activity returns `keeps-failing`. Default: 3. Fewer for a part
   * of a range that keeps failing.
   */
  readonly answerAfter?: number;
  /** Present when an earlier activity failed for this range: wait before the first call. */
  readonly failedBefore?: StandingFailure;
  /** Makes no call: records the label as `unconfirmed`, for this reason. */
  readonly giveUpBecause?: string;
}

/** Failed calls that the activity no longer retries by itself. */
export interface StandingFailure {
  /** Requeue's sentence about the last failure, at most 300 characters. */
  readonly because: string;
  /** Number of failed attempts, including those of earlier activities for this range. */
  readonly failures: number;
  /** Time until the next call, in ms. */
  readonly waitMs: number;
}

/**
 * What became of `[from, to)`. `done` may end before `to`, where a receipt or sent-mark of another range
 * begins or ends. The workflow then schedules the rest.
 */
export type ChunkResult =
  | ({
      readonly kind: 'done';
      readonly upTo: number;
      /** True: the service answered a call of this attempt. Absent for outcomes from an earlier receipt. */
      readonly answered?: true;
    } & OutcomeCounts)
  /**
   * No call was made: the ids exceed the service's byte bound. The first `fits` labels, at least one, are
   * within the bound.
   */
  | { readonly kind: 'too-many-bytes'; readonly fits: number }
  /**
   * The service refused the size (413), or it is idempotent and twice in a row did not answer (`noAnswer`):
   * split the range.
   */
  | { readonly kind: 'too-large'; readonly noAnswer?: true }
  /**
   * The service refused some items (400, 422): halve the range until the poison ids are alone. For a single
   * label the result is `done` instead, and the label's outcome is `refused`.
   */
  | { readonly kind: 'bad-items' }
  /**
   * Only an operator can fix the cause: pause. `because` is Requeue's sentence, at most 300 characters. No
   * call was made, or it had no effect.
   */
  | { readonly kind: 'needs-person'; readonly because: string }
  /**
   * The service failed `answerAfter` times in the same way while it executed the call, or a call with one label
   * got no answer three times. The workflow, which knows the other calls, decides whether the labels are the
   * cause.
   */
  | ({
      readonly kind: 'keeps-failing';
      /**
       * `down`: it doesn't answer a check either. `unchecked` after a call without an answer: a service that is
       * slower than the time-out may answer a check.
       */
      readonly service: 'well' | 'down' | 'unchecked';
      /** For the report of a label that turns out to be the cause. */
      readonly labelReason: string;
    } & StandingFailure)
  /** No call was made: an operator paused the destination. */
  | { readonly kind: 'destination-paused'; readonly because: string }
  /** Every attempt of the last ten minutes failed. */
  | ({ readonly kind: 'still-failing' } & StandingFailure);

export type KeepsFailing = Extract<ChunkResult, { kind: 'keeps-failing' }>;

export type WriteReportInput =
  /**
   * Ends an attempt. A label without a receipt is `unconfirmed` when it has a sent-mark, and `withheld`
   * otherwise.
   */
  | {
      readonly kind: 'ended';
      /** The request that made the attempt. */
      readonly request: ExportRequest;
      /** Ids of other requests that the report answers; at most 100. */
      readonly also: readonly string[];
      readonly ref: AttemptRef;
      /**
       * `completed` means "sent to the end": the activity returns `completed-with-problems` when the receipts
       * show problems.
       */
      readonly outcome: Outcome;
      readonly reason?: string;
      readonly log: readonly LogEntry[];
      /** What the workflow knows about the plan; absent for a request without one. */
      readonly known?: KnownPlan;
      /** Absent when nothing of the attempt was to be sent. */
      readonly chunks?: ChunkCounts;
      /** Present when the policy approved the entire plan. */
      readonly policyApproval?: DecisionEntry;
    }
  /** Superseded or cancelled before a plan was made: no labels. The activity finds the attempt number. */
  | {
      readonly kind: 'never-planned';
      readonly request: ExportRequest;
      readonly also: readonly string[];
      readonly outcome: Outcome;
      readonly reason: string;
      readonly log: readonly LogEntry[];
    }
  /** Adds the ids of at most 100 requests to the report that answers them. */
  | { readonly kind: 'duplicates'; readonly ref: AttemptRef; readonly requestIds: readonly string[] };

/** Lets a report be written, and receipts be missed, when files of the store are gone. */
export interface KnownPlan {
  /** `planDigits` of the plan. */
  readonly digits: string;
  /** The hash of the whole plan; absent for a run of an earlier version. */
  readonly planSha256?: string;
  readonly labels: number;
  readonly leftOut: PreparedPlan['leftOut'];
  readonly destination: string;
  /** Positions that have an outcome, so that each must have a receipt. At most 100 ranges. */
  readonly answered: readonly Range[];
}

export interface WrittenReport {
  readonly outcome: Outcome;
  readonly labels: LabelCounts;
}

/** One notice. */
export interface NotifyInput {
  /** Name of the receiver in the configuration. */
  readonly target: string;
  readonly event: NoticeEvent;
  /** The receiver's idempotency key: the same in every retry. */
  readonly id: string;
  readonly at: string;
  readonly ref: AttemptRef;
  readonly issueName: string;
  readonly project: string;
  readonly destination?: string;
  readonly stage: Stage;
  readonly labels: LabelCounts;
  /** The question: labels `from` to `to`, and its deadline. */
  readonly question?: {
    readonly from: number;
    readonly to: number;
    /** Absent while the export is paused: the deadline is suspended. */
    readonly expiresAt?: string;
  };
  readonly brief?: PlanBrief;
  /** Why the export is paused, or how it ended. */
  readonly because?: string;
}

/** A notice that the workflow gave up. */
export interface NoteNoticeInput {
  readonly notice: NotifyInput;
  readonly failure: string;
}

/**
 * A decision, pause, resume or cancel that came with an operator token. The gateway wrote its decision proof
 * into the store before it passed it on.
 */
export interface CheckDecisionInput {
  readonly issueId: string;
  /** Name of the decision proof. */
  readonly record: string;
  readonly decision: OperatorAction;
  /** Present for `approve` and `reject`. */
  readonly revision?: string;
  readonly by: string;
  /** Truncated if the issue id is very long. */
  readonly reason?: string;
  readonly upTo?: number;
  readonly plan?: string;
  /** ISO 8601. Only a proof that the gateway wrote before this time matches: the decision was heard late. */
  readonly writtenBefore?: string;
}

/** An applied decision of an attempt. */
export interface KeepDecisionInput {
  readonly ref: AttemptRef;
  /** The question's number since `signalWithStart`. The file's name contains the time and this number. */
  readonly question: number;
  readonly entry: DecisionEntry;
}

export interface AwaitDestinationInput {
  /** The destination's name. */
  readonly destination: string;
}

/** Activities on the main task queue. */
export interface MainActivities {
  prepareExport(input: PrepareExportInput): Promise<Prepared>;
  writeReport(input: WriteReportInput): Promise<WrittenReport>;
  notify(input: NotifyInput): Promise<void>;
  /** Records a notice that was given up, in `notices.ndjson` beside the report. */
  noteNotice(input: NoteNoticeInput): Promise<void>;
  /**
   * False unless the store has an unused decision proof that matches exactly. The proof is then used. Returns its
   * channel, or true if it has none.
   */
  checkDecision(input: CheckDecisionInput): Promise<boolean | Channel>;
  /** Returns when the destination is not paused. */
  awaitDestination(input: AwaitDestinationInput): Promise<void>;
  /** Records a decision beside the plan; the workflow acts on it only after that. */
  keepDecision(input: KeepDecisionInput): Promise<void>;
}

/** Activities on a destination's task queue. */
export interface LabelingActivities {
  relabelChunk(input: RelabelChunkInput): Promise<ChunkResult>;
}
