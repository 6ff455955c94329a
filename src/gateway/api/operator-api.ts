import type { Channel, Decision, OperatorAction, SteerAction } from '../../domain/decision';
import type { DecisionEntry } from '../../domain/decision-log';
import type { LeftOutReason } from '../../domain/plan';
import type { PlanSummary, PlanWarning } from '../../domain/plan-summary';
import type { LabelCounts } from '../../domain/label-outcome';
import type { ExportRequest } from '../../domain/request';
import type { Stage } from '../../domain/stage';
import type { Progress } from '../../workflows/messages';

/**
 * The gateway's functions for operators. The HTTP API (and through it the CLI) and the pages call them. Every
 * method throws a `Refusal` when it refuses a request.
 */
export interface OperatorApi {
  /**
   * Lists a page of exports: the newest run of each issue, newest first, then the exports that only the store
   * has.
   */
  list(filter: ListFilter): Promise<ExportList>;
  /** Shows an issue's export. @returns undefined when neither Temporal nor the store has one. */
  show(issueId: string): Promise<ExportDetail | undefined>;
  /** Answers the open question. @returns what the decision did. */
  decide(request: DecisionRequest): Promise<Decided>;
  /** Pauses, resumes or cancels an open export. */
  steer(request: SteerRequest): Promise<Steered>;
  /** Pauses a destination: no call to it begins until it is resumed. Needs the store. */
  pauseDestination(request: PauseDestinationRequest): Promise<DestinationPaused>;
  /**
   * Ends the pause of a destination, and resumes every export that the destination paused, for example after its
   * key or project was repaired.
   * @returns the issue ids of the exports that were signalled.
   */
  resumeDestination(request: {
    readonly destination: string;
    readonly by: string;
    readonly through: Channel;
  }): Promise<{ readonly resumed: readonly string[] }>;
  /** Reads a report. Without a revision, reads the issue's newest. */
  report(request: ReportRequest): Promise<ReportFile>;
  /**
   * Finds the ended exports that planned a label. Takes seconds or minutes, depending on the reports, when the
   * index of labels is missing or damaged, because it is rebuilt then.
   */
  find(labelId: string): Promise<FoundLabels>;
  /** Exports an ended export's delivery again. */
  again(request: AgainRequest): Promise<Again>;
  /** Replays a kept delivery. */
  replay(request: {
    readonly sha256: string;
    readonly force: boolean;
    readonly by: string;
  }): Promise<unknown>;
  /** Drops the held requests of a delivery. */
  drop(request: DropRequest): Promise<Dropped>;
}

export interface DropRequest {
  readonly sha256: string;
  /** The operator whose token came with the request. */
  readonly by: string;
  readonly reason: string;
}

export interface Dropped {
  /** Oldest first. */
  readonly requestIds: readonly string[];
  readonly issueId: string;
  readonly revision: string;
  readonly message: string;
}

export interface DestinationPaused {
  readonly destination: string;
  /** ISO 8601: since when it is paused. */
  readonly paused: string;
  readonly message: string;
}

/** What keeps calls to a destination from being made. */
export interface DestinationState {
  readonly name: string;
  /** Present when an operator paused it. */
  readonly paused?: { readonly by: string; readonly reason?: string; readonly since: string } | undefined;
  /** Present when the labeling service asked to wait (Retry-After) for ten seconds or more. */
  readonly waits?: { readonly until: string; readonly because: string } | undefined;
  /** At most ten exports that are being sent, or are paused, when the destination is paused or waits. */
  readonly waiting: readonly WaitingExport[];
  /** More exports wait. */
  readonly hasMore: boolean;
}

export interface WaitingExport {
  readonly issueId: string;
  readonly issueName: string;
}

export interface ListFilter {
  readonly stage?: Stage | undefined;
  /** The full name, as in Aquarium, truncated to 200 bytes. */
  readonly project?: string | undefined;
  /** The beginning of the issue id. */
  readonly issue?: string | undefined;
  /** Maximum rows of a page, from 1 to 100. */
  readonly limit: number;
  /** `next` of the previous page. */
  readonly page?: string | undefined;
}

export interface ExportList {
  readonly exports: readonly ExportRow[];
  /** The token of the next page. Absent on the last page. */
  readonly next?: string;
  /** At most 100 accepted requests without a run, oldest first. Only on the first page. */
  readonly notStarted: readonly InboxRow[];
  /**
   * At most 100 held requests, which are not retried until an operator replays the delivery, or drops
   * them. Only on the first page.
   */
  readonly held: readonly (InboxRow & { readonly because: string })[];
  /** The configured destinations. Only on the first page. */
  readonly destinations: readonly DestinationState[];
  /** Why the list may be incomplete or out of date: Temporal does not answer, or no worker is running. */
  readonly warnings: readonly string[];
}

/** One issue's newest export. */
export interface ExportRow {
  readonly issueId: string;
  readonly issueName: string;
  readonly project: string;
  /** `terminated`: the workflow closed without a report, for example because a person terminated it. */
  readonly stage: Stage | 'terminated';
  readonly isOpen: boolean;
  readonly destination: string;
  /** From visibility, so up to 5 s old. */
  readonly labels: { readonly planned: number; readonly done: number };
  readonly startedAt: string;
  /**
   * When the run closed or, if it still sends notices or Temporal no longer has it, when the report was written. Absent
   * while the export is open.
   */
  readonly endedAt?: string;
  readonly workflowId: string;
  /** `store`: Temporal no longer has the workflow. */
  readonly source: 'temporal' | 'store';
  /** Present when Temporal itself paused the open run: nothing happens until it is unpaused there. */
  readonly pausedInTemporal?: true;
  readonly links: ExportLinks;
}

interface ExportLinks {
  /** The export's page. */
  readonly self: string;
  /** The workflow in Temporal's Web UI. */
  readonly temporal: string;
}

export type InboxRow = Omit<ExportRequest, 'force'>;

/** A request that was held and then dropped. */
interface DroppedRow extends InboxRow {
  /** Why it was held. */
  readonly held: string;
  /** The operator who dropped it. Absent when Requeue did, because a later export completed its revision. */
  readonly by?: string;
  readonly reason: string;
  /** ISO 8601: when it was dropped. */
  readonly at: string;
}

/** The workflow's progress, with more data from the store. */
export interface ExportDetail extends Omit<Progress, 'plan'> {
  readonly workflowId: string;
  readonly isOpen: boolean;
  readonly source: 'temporal' | 'store';
  /** The sha256 of the delivery, which `replay` names; absent when the store has neither request nor report. */
  readonly delivery?: string | undefined;
  readonly plan?: PlanDetail;
  /** Why the plan of an open export cannot be read: one sentence that names the file. It must be restored before an approval. */
  readonly planFault?: string;
  /** Present when the destination of the open export is paused or asked to wait. */
  readonly destinationState?: DestinationState | undefined;
  /** At most 100 activities of the open run that have failed, or that a person paused in Temporal. */
  readonly pending: readonly PendingActivity[];
  /** Every operator request that came with a token, oldest first, with its complete reason. */
  readonly decisions: readonly DecisionDetail[];
  /** At most 50 calls that the labeling service refused, newest first. */
  readonly refusals: readonly ChunkRefusal[];
  /** At most 50 reports of this issue, newest first. */
  readonly reports: readonly ReportSummary[];
  /** Requests of this issue in the inbox, oldest first. */
  readonly inbox: readonly (InboxRow & { readonly held?: string })[];
  /** At most 50 requests of this issue that were dropped, oldest first. */
  readonly dropped: readonly DroppedRow[];
  readonly links: ExportLinks;
}

export interface PauseDestinationRequest {
  readonly destination: string;
  readonly by: string;
  /** Absent when it is unknown. */
  readonly through?: Channel | undefined;
  readonly reason?: string | undefined;
}

/** The plan as the approver sees it. */
export interface PlanDetail {
  /** The first 12 hex digits of the sha256 of its labels, as decisions name it. */
  readonly plan: string;
  readonly revision: string;
  readonly attempt: number;
  readonly createdAt: string;
  readonly receivedAt: string;
  readonly force: boolean;
  readonly elements: number;
  readonly labels: number;
  readonly leftOut: Partial<Record<LeftOutReason, number>>;
  readonly destination: string;
  readonly destinationProject: string;
  readonly calls: number;
  /** Estimated from the destination's rate. Absent when the destination has none. */
  readonly seconds?: number;
  readonly summary: PlanSummary;
}

export interface DecisionDetail {
  readonly decision: OperatorAction;
  readonly revision?: string;
  readonly by: string;
  /** Absent for decisions that an earlier version took. */
  readonly through?: Channel;
  readonly at: string;
  readonly reason?: string;
  readonly upTo?: number;
  readonly plan?: string;
}

/** A pending activity that has failed, or that a person paused in Temporal. */
export type PendingActivity = {
  /** The activity's name: `relabelChunk`, `writeReport`, … */
  readonly activity: string;
  readonly activityId: string;
  /** The number of the attempt that runs now or comes next, from 1. */
  readonly attempt: number;
  /** The message of the last failed attempt, at most 300 characters. Absent if no attempt has failed. */
  readonly lastFailure?: string;
} & (
  | { readonly state: 'running' }
  /** It waits for a worker, or for the rate of its task queue. */
  | { readonly state: 'queued' }
  /** Temporal starts the next attempt at this time, in ISO 8601. */
  | { readonly state: 'waiting'; readonly nextAttemptAt: string }
  /** A person paused it in Temporal. `unpauseWith` is the command that ends the pause. */
  | { readonly state: 'paused'; readonly by?: string; readonly reason?: string; readonly unpauseWith: string }
);

export interface ChunkRefusal {
  /** Positions in the plan, from 1. */
  readonly from: number;
  readonly to: number;
  readonly at: string;
  readonly because: string;
  /** The labeling service's message. It may contain label ids. */
  readonly detail: string | null;
}

export interface ReportSummary {
  readonly revision: string;
  readonly attempt: number;
  readonly outcome: Stage;
  readonly reason?: string;
  readonly receivedAt: string;
  readonly endedAt: string;
  readonly labels: LabelCounts;
  /** Of the plan. Absent when there are none. */
  readonly warnings?: readonly PlanWarning[];
  readonly decisions: readonly DecisionEntry[];
  readonly links: { readonly json: string; readonly csv: string };
}

/** A request from an operator about one issue's export. */
interface OperatorRequest {
  readonly issueId: string;
  /** The operator whose token came with the request. */
  readonly by: string;
  readonly through: Channel;
  readonly reason?: string | undefined;
}

export interface DecisionRequest extends OperatorRequest {
  readonly decision: Decision['kind'];
  /** 12 or 64 hex digits. */
  readonly revision: string;
  readonly upTo?: number | undefined;
  /** The plan that the operator saw: 12 or 64 hex digits. */
  readonly plan?: string | undefined;
}

export interface Decided {
  readonly result: 'answered' | 'early' | 'done';
  readonly issueId: string;
  readonly revision: string;
  readonly message: string;
}

export interface SteerRequest extends OperatorRequest {
  readonly action: SteerAction;
}

export interface Steered {
  readonly issueId: string;
  readonly action: SteerAction;
  readonly message: string;
}

export interface AgainRequest extends OperatorRequest {
  /** True: every label, not only what was not done. */
  readonly all: boolean;
}

export interface Again {
  readonly requestId: string;
  readonly issueId: string;
  readonly revision: string;
  readonly message: string;
}

export interface ReportRequest {
  readonly issueId: string;
  readonly form: 'json' | 'csv';
  readonly revision?: string | undefined;
  readonly attempt?: number | undefined;
  /** True: a CSV begins with a byte order mark, without which Excel does not read it as UTF-8. */
  readonly excel?: boolean | undefined;
}

export interface ReportFile {
  readonly name: string;
  readonly bytes: number;
  readonly content: AsyncIterable<Uint8Array>;
}

export interface FoundLabels {
  readonly labelId: string;
  readonly exports: readonly FoundLabel[];
  /** Keys of reports that may have the label and were changed. None of `exports` is from them. */
  readonly changedReports: readonly string[];
}

/** A label of an ended export. */
export interface FoundLabel {
  readonly issueId: string;
  readonly issueName: string;
  readonly project: string;
  readonly revision: string;
  readonly attempt: number;
  readonly position: number;
  /** How many elements refer to the label. `elements` has only the first of them. */
  readonly elementCount: number;
  readonly elements: readonly { readonly element: number; readonly elementId: string }[];
  readonly outcome: string;
  readonly repeated: boolean;
  readonly at?: string;
  /** Who approved it: `policy`, `ann (token)`, `"ann" (claimed)`. */
  readonly decision?: string;
  readonly exportOutcome: Stage;
  readonly endedAt: string;
  readonly links: ExportLinks;
}
