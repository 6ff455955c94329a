import type { OutcomeCounts } from '../../domain/label-outcome';
import type { NotifyInput, PreparedPlan } from '../../activities/contracts';
import type { DecisionEntry, LogEntry } from '../../domain/decision-log';
import type { SendCursor } from '../../domain/send-cursor';
import type { Decision } from '../../domain/decision';
import type { Queued } from '../../domain/queue';
import type { ExportRequest } from '../../domain/request';

/** Argument of `ExportIssue`. The dispatcher gives the issue id alone. */
export interface ExportIssueInput {
  readonly issueId: string;
  /** From the run before, when this one continues it. */
  readonly carried?: Carried;
}

/** The shape of the workflow itself, for what must not import its story. */
export type ExportIssueWorkflow = (input: ExportIssueInput) => Promise<unknown>;

/** What a continued run must know. Never an element or a label id. */
export interface Carried {
  readonly queue: readonly Queued[];
  readonly current?: CurrentExport;
  /** Decisions that are not used yet: for requests in the queue, or for the next question. At most 50. */
  readonly pendingDecisions: readonly PendingDecision[];
  readonly log: readonly LogEntry[];
  /** Questions asked since the run was started by `signalWithStart`. */
  readonly questionsAsked: number;
  /** Request ids that were reported lately. */
  readonly recent: readonly string[];
  readonly pause?: Pause;
  /** Notices sent since the run was started: each has its number. */
  readonly noticesSent: number;
  /** Notices that are still being tried. */
  readonly notices: readonly NotifyInput[];
}

/** Nothing more is sent until `resume`. */
export interface Pause {
  /** A sentence for the operator. */
  readonly because: string;
  /** Who caused it. */
  readonly by: 'person' | 'service';
  /** Epoch ms; the deadline of a question stands still from here. */
  readonly since: number;
}

/** A decision that waits for its question. */
export interface PendingDecision extends Decision {
  /** The whole sha256 once it is known, else what the person named. */
  readonly revision: string;
}

/** The export that is being carried out. */
export interface CurrentExport {
  readonly request: ExportRequest;
  readonly also: readonly string[];
  readonly plan: PreparedPlan;
  readonly cursor: SendCursor;
  readonly counts: OutcomeCounts;
  /** Labels 1 to this are approved, by policy or by a person. */
  readonly approvedUpTo: number;
  /** A question is being asked. */
  readonly asking?: Question;
  /** Policy approved the whole plan; what people decide is in the store. */
  readonly policyApproval?: DecisionEntry;
}

export interface Question {
  /** Epoch ms; moves on by the length of each pause. */
  readonly expiresAt: number;
  /** Epoch ms. */
  readonly openedAt: number;
  /** Epoch ms of the next reminder. */
  readonly remindAt: number;
}
