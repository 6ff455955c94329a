import type { NotifyInput } from '../../activities/contracts';
import type { Decision } from '../../domain/decision';
import type { LogEntry } from '../../domain/decision-log';
import type { Queued } from '../../domain/queue';
import type { ExportRequest } from '../../domain/request';
import type { Stage } from '../../domain/stage';
import type { CurrentExport, ExportIssueInput, PendingDecision, Pause } from './carried';

/** What a run of `ExportIssue` knows about its issue. Plain data; signal handlers and steps change it. */
export interface IssueState {
  readonly issueId: string;
  /** What the run works on now. */
  work: Work;
  /** Requests in order of receipt; the request that is being prepared is still among them. */
  queue: readonly Queued[];
  /** The request that was taken last; `progress` shows it also after its end. */
  latestRequest: ExportRequest | undefined;
  /** The last export that ended with a plan, for `progress` until the next request is taken. */
  endedExport: CurrentExport | undefined;
  stage: Stage;
  pendingDecisions: readonly PendingDecision[];
  log: readonly LogEntry[];
  /** Questions since `signalWithStart`, across continued runs. */
  questionsAsked: number;
  /** Request ids whose reports were written lately. */
  reportedIds: readonly string[];
  pause: Pause | undefined;
  /** Pauses of this run so far: results of calls from before a pause don't open the send window after it. */
  pauseCount: number;
  /** Temporal has requested cancellation of this run. */
  cancelled: boolean;
  /** Who cancels and why, ready for a sentence: ` by ann (token) ("wrong issue")`. */
  cancelledBy: string | undefined;
  /** The decision that answers the open question, or that is being applied now. */
  answer: Decision | undefined;
  /** Calls to the labeling service in flight. */
  callsInFlight: number;
  /** Checks of decision proofs in flight. */
  proofChecks: number;
  /** Notices since `signalWithStart`, across continued runs; their numbers are parts of their ids. */
  noticesSent: number;
  /** Undelivered notices that the next run resumes. */
  suspendedNotices: readonly NotifyInput[];
  /** False until the chain of runs that `signalWithStart` began has taken its first request. */
  hasTakenRequest: boolean;
  /**
   * Ids of queued requests that had sent labels before Temporal lost its database: nothing supersedes them.
   */
  idsWithSentLabels: readonly string[];
}

/** A request is prepared, then exported, then reported; in between the run may have nothing to do. */
export type Work =
  | { readonly kind: 'idle' }
  /** The plan of `request` is being made. */
  | { readonly kind: 'preparing'; readonly request: ExportRequest }
  /** The labels of the export are being approved or sent. */
  | { readonly kind: 'exporting'; readonly export: CurrentExport }
  /** The export has ended; its report is being written. */
  | { readonly kind: 'reporting'; readonly export: CurrentExport };

export function initialState({ issueId, carried }: ExportIssueInput): IssueState {
  const current = carried?.current;
  return {
    issueId,
    work: current ? { kind: 'exporting', export: current } : { kind: 'idle' },
    queue: carried?.queue ?? [],
    latestRequest: current?.request,
    endedExport: undefined,
    stage: 'preparing',
    pendingDecisions: carried?.pendingDecisions ?? [],
    log: carried?.log ?? [],
    questionsAsked: carried?.questionsAsked ?? 0,
    reportedIds: carried?.recent ?? [],
    pause: carried?.pause,
    pauseCount: 0,
    cancelled: false,
    cancelledBy: undefined,
    answer: undefined,
    callsInFlight: 0,
    proofChecks: 0,
    noticesSent: carried?.noticesSent ?? 0,
    suspendedNotices: [],
    hasTakenRequest: carried !== undefined,
    idsWithSentLabels: [],
  };
}

/** The export that is being approved, sent or reported. */
export function currentExport({ work }: IssueState): CurrentExport | undefined {
  return work.kind === 'exporting' || work.kind === 'reporting' ? work.export : undefined;
}

/** The export that decisions can still change: its report is not being written yet. */
export function openExport({ work }: IssueState): CurrentExport | undefined {
  return work.kind === 'exporting' ? work.export : undefined;
}

/** @throws {Error} when there is no current export: a defect of the workflow. */
export function requireExport(state: IssueState): CurrentExport {
  const current = currentExport(state);
  if (!current) throw new Error('There is no current export.');
  return current;
}

/** The request whose plan is being made. */
export function preparingRequest({ work }: IssueState): ExportRequest | undefined {
  return work.kind === 'preparing' ? work.request : undefined;
}
