import type { OutcomeCounts } from '../../domain/label-outcome';
import type { NotifyInput, PreparedPlan } from '../../activities/contracts';
import type { DecisionEntry, LogEntry } from '../../domain/decision-log';
import type { SendCursor } from '../../domain/send-cursor';
import type { Decision } from '../../domain/decision';
import type { HeardRequest } from '../../domain/clamp-received-at';
import type { Queued } from '../../domain/queue';

/** Argument of `ExportIssue`. The dispatcher passes only the issue id. */
export interface ExportIssueInput {
  readonly issueId: string;
  /** State from the run that this run continues. */
  readonly carried?: Carried;
}

/** The type of the workflow function, for modules that must not import the function itself. */
export type ExportIssueWorkflow = (input: ExportIssueInput) => Promise<unknown>;

/**
 * The state that a continued run needs: never an element or a label id. Its keys are wire names in histories.
 */
export interface Carried {
  readonly queue: readonly Queued[];
  readonly current?: CurrentExport;
  /** At most 50 decisions for queued requests or for the next question. */
  readonly pendingDecisions: readonly PendingDecision[];
  readonly log: readonly LogEntry[];
  /** Number of questions since `signalWithStart`. */
  readonly questionsAsked: number;
  /** Ids of requests whose reports were written recently. */
  readonly recent: readonly string[];
  readonly pause?: Pause;
  readonly stuck?: Stuck;
  /** Number of notices since `signalWithStart`. Each notice's number is part of its id. */
  readonly noticesSent: number;
  /** Notices that were suspended; this run resumes them. */
  readonly notices: readonly NotifyInput[];
}

/** Nothing more is sent until `resume`. */
export interface Pause {
  /** A sentence for the operator. */
  readonly because: string;
  /**
   * `service`: the labeling service caused it, for example with a refused key. `destination`: an operator paused
   * the destination.
   */
  readonly by: 'person' | 'service' | 'destination';
  /** Epoch ms. The open question's deadline is suspended from this time. */
  readonly since: number;
}

/** No call has been answered for ten minutes. Receivers are notified once. */
export interface Stuck {
  /** Epoch ms. */
  readonly since: number;
  /** A sentence about the last failure. */
  readonly because: string;
  /** Failed attempts of the range that failed last. */
  readonly failures: number;
}

/** A decision that arrived before its question. */
export interface PendingDecision extends Decision {
  /** The full sha256 once its request is known; until then, the revision as the sender wrote it. */
  readonly revision: string;
  /** The export was paused when the decision was heard. A rejection then counts even if it is resumed at once. */
  readonly whilePaused?: true;
}

/** The export that is being approved, sent or reported. */
export interface CurrentExport extends HeardRequest {
  /** Ids of repeated requests that the report also answers. */
  readonly also: readonly string[];
  readonly plan: PreparedPlan;
  readonly cursor: SendCursor;
  readonly counts: OutcomeCounts;
  /** Labels 1 to this number are approved, by policy or by a decision. */
  readonly approvedUpTo: number;
  /** The open question. */
  readonly asking?: Question;
  /** Present when the policy approved the entire plan. Operators' decisions are in the store. */
  readonly policyApproval?: DecisionEntry;
}

/** All times are epoch ms. */
export interface Question {
  /** `resume` extends it by the length of the pause. */
  readonly expiresAt: number;
  readonly openedAt: number;
  /** Time of the next reminder. */
  readonly remindAt: number;
}
