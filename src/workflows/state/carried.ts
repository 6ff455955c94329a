import type { OutcomeCounts } from '../../domain/label-outcome';
import type { NotifyInput, PreparedPlan } from '../../activities/contracts';
import type { DecisionEntry, LogEntry } from '../../domain/decision-log';
import type { SendCursor } from '../../domain/send-cursor';
import type { Decision } from '../../domain/decision';
import type { Queued } from '../../domain/queue';
import type { ExportRequest } from '../../domain/request';

/** Argument of `ExportIssue`. The dispatcher passes the issue id alone. */
export interface ExportIssueInput {
  readonly issueId: string;
  /** From the run that this one continues. */
  readonly carried?: Carried;
}

/** The type of the workflow function, for modules that must not import the function itself. */
export type ExportIssueWorkflow = (input: ExportIssueInput) => Promise<unknown>;

/** What a continued run needs: never an element or a label id. Its keys are in histories. */
export interface Carried {
  readonly queue: readonly Queued[];
  readonly current?: CurrentExport;
  /** At most 50 decisions for queued requests or for the next question. */
  readonly pendingDecisions: readonly PendingDecision[];
  readonly log: readonly LogEntry[];
  /** Questions since `signalWithStart`. */
  readonly questionsAsked: number;
  /** Request ids whose reports were written lately. */
  readonly recent: readonly string[];
  readonly pause?: Pause;
  /** Notices since `signalWithStart`: their numbers are parts of their ids. */
  readonly noticesSent: number;
  /** Undelivered notices that this run resumes. */
  readonly notices: readonly NotifyInput[];
}

/** Nothing more is sent until `resume`. */
export interface Pause {
  /** A sentence for the operator. */
  readonly because: string;
  /** `service`: the labeling service caused it, for example with a refused key. */
  readonly by: 'person' | 'service';
  /** Epoch ms; the deadline of a question is on hold from here. */
  readonly since: number;
}

/** A decision that arrived before its question. */
export interface PendingDecision extends Decision {
  /** The whole sha256 once its request is known; until then the revision as the sender wrote it. */
  readonly revision: string;
}

/** The export that is being approved, sent or reported. */
export interface CurrentExport {
  readonly request: ExportRequest;
  /** Ids of the repetitions that the report answers too. */
  readonly also: readonly string[];
  readonly plan: PreparedPlan;
  readonly cursor: SendCursor;
  readonly counts: OutcomeCounts;
  /** Labels 1 to this number are approved, by policy or by a decision. */
  readonly approvedUpTo: number;
  /** The open question. */
  readonly asking?: Question;
  /** Policy approved the whole plan. (Decisions are in the store.) */
  readonly policyApproval?: DecisionEntry;
}

/** All times are epoch ms. */
export interface Question {
  /** A pause moves it by the pause's length. */
  readonly expiresAt: number;
  readonly openedAt: number;
  /** Time of the next reminder. */
  readonly remindAt: number;
}
