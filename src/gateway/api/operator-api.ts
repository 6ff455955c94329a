import type { Decision, OperatorAction, SteerAction } from '../../domain/decision';
import type { DecisionEntry } from '../../domain/decision-log';
import type { LeftOutReason } from '../../domain/plan';
import type { PlanSummary } from '../../domain/plan-summary';
import type { LabelCounts } from '../../domain/label-outcome';
import type { ExportRequest } from '../../domain/request';
import type { Stage } from '../../domain/stage';
import type { Progress } from '../../workflows/messages';

/** What operators may ask of the gateway, whichever way they come: API, page, command. Each throws a `Refusal` for what it does not do. */
export interface OperatorApi {
  /** A page of exports: the newest run per issue as Temporal orders them (newest first), then those that only the store knows. */
  list(filter: ListFilter): Promise<ExportList>;
  /** Everything about one issue's export; undefined when neither Temporal nor the store knows one. */
  show(issueId: string): Promise<ExportDetail | undefined>;
  /** Decides what is asked. Answers what the decision did. */
  decide(wish: DecisionRequest): Promise<Decided>;
  /** Pauses, resumes or cancels an export that is open. */
  steer(wish: SteerRequest): Promise<Steered>;
  /** Resumes every export that waits for a destination whose key or project was repaired. */
  resumeDestination(wish: {
    readonly destination: string;
    readonly by: string;
  }): Promise<{ readonly resumed: readonly string[] }>;
  /** The bytes of a report; without revision the newest of the issue. */
  report(wanted: ReportWanted): Promise<ReportFile>;
  /** Which ended exports took a label. Reads every report: seconds for millions of labels. */
  find(labelId: string): Promise<{ readonly labelId: string; readonly exports: readonly FoundLabel[] }>;
  /** Asks again for a delivery that is kept. */
  replay(wish: { readonly sha256: string; readonly force: boolean; readonly by: string }): Promise<unknown>;
}

export interface ListFilter {
  readonly stage?: Stage | undefined;
  /** The whole name, as in Aquarium (cut to 200 bytes). */
  readonly project?: string | undefined;
  /** Start of the issue id. */
  readonly issue?: string | undefined;
  /** Rows of a page, at most; 1 to 100. */
  readonly limit: number;
  /** `next` of the page before. */
  readonly page?: string | undefined;
}

export interface ExportList {
  readonly exports: readonly ExportRow[];
  /** Ask with it for the next page; absent on the last. */
  readonly next?: string;
  /** Accepted, and not begun by Temporal yet; at most 100, oldest first. On the first page only. */
  readonly notStarted: readonly InboxRow[];
  /** Held: nobody tries any more until an operator replays the delivery. At most 100. On the first page only. */
  readonly held: readonly (InboxRow & { readonly because: string })[];
  /** Why the list is not whole: Temporal does not answer, no worker polls. */
  readonly warnings: readonly string[];
}

/** One issue's newest export. */
export interface ExportRow {
  readonly issueId: string;
  readonly issueName: string;
  readonly project: string;
  /** Where it stands; `terminated`: a person ended its workflow without a report. */
  readonly stage: Stage | 'terminated';
  readonly isOpen: boolean;
  readonly destination: string;
  /** As visibility knows them: up to 5 s old. */
  readonly labels: { readonly planned: number; readonly done: number };
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly workflowId: string;
  /** `temporal`, or `store` for what Temporal has forgotten. */
  readonly source: 'temporal' | 'store';
  readonly links: ExportLinks;
}

export interface ExportLinks {
  /** The export's page. */
  readonly self: string;
  /** The workflow in Temporal's Web UI. */
  readonly temporal: string;
}

export type InboxRow = Omit<ExportRequest, 'force'>;

/** The workflow's own progress, and what the store knows. */
export interface ExportDetail extends Progress {
  readonly workflowId: string;
  readonly isOpen: boolean;
  readonly source: 'temporal' | 'store';
  readonly plan?: PlanDetail;
  /** What operators with a token decided and asked for, oldest first, whole words. */
  readonly decisions: readonly DecisionDetail[];
  /** What the labeling service said of calls that it refused, newest first; at most 50. */
  readonly refusals: readonly ChunkRefusal[];
  /** Reports of this issue, newest first; at most 50. */
  readonly reports: readonly ReportSummary[];
  /** Requests of this issue in the inbox, oldest first. */
  readonly inbox: readonly (InboxRow & { readonly held?: string })[];
  readonly links: ExportLinks;
}

/** The frozen plan, for the approver. */
export interface PlanDetail {
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
  /** At the destination's rate; absent when none is configured. */
  readonly seconds?: number;
  readonly summary: PlanSummary;
}

export interface DecisionDetail {
  readonly decision: OperatorAction;
  readonly revision?: string;
  readonly by: string;
  readonly at: string;
  readonly reason?: string;
  readonly upTo?: number;
}

export interface ChunkRefusal {
  /** Positions in the plan, from 1. */
  readonly from: number;
  readonly to: number;
  readonly at: string;
  readonly because: string;
  /** The service's own words; may name label ids. */
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
  readonly decisions: readonly DecisionEntry[];
  readonly links: { readonly json: string; readonly csv: string };
}

/** What an operator wants of one issue's export. */
export interface OperatorRequest {
  readonly issueId: string;
  /** The operator whose token was shown. */
  readonly by: string;
  readonly reason?: string | undefined;
}

export interface DecisionRequest extends OperatorRequest {
  readonly decision: Decision['kind'];
  /** 12 or 64 hex digits. */
  readonly revision: string;
  readonly upTo?: number | undefined;
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

export interface ReportWanted {
  readonly issueId: string;
  readonly form: 'json' | 'csv';
  readonly revision?: string | undefined;
  readonly attempt?: number | undefined;
}

export interface ReportFile {
  readonly name: string;
  readonly bytes: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/** A label in an export that has ended. */
export interface FoundLabel {
  readonly issueId: string;
  readonly issueName: string;
  readonly project: string;
  readonly revision: string;
  readonly attempt: number;
  readonly position: number;
  /** How many elements name it, and the first of them. */
  readonly elementCount: number;
  readonly elements: readonly { readonly element: number; readonly elementId: string }[];
  readonly outcome: string;
  readonly repeated: boolean;
  readonly at?: string;
  /** Who let it go: `policy`, `ann (token)`, `"ann" (claimed)`. */
  readonly decision?: string;
  readonly exportOutcome: Stage;
  readonly endedAt: string;
  readonly links: ExportLinks;
}
