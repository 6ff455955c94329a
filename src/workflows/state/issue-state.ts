import type { NotifyInput } from '../../activities/contracts';
import type { Decision } from '../../domain/decision';
import type { LogEntry } from '../../domain/decision-log';
import type { Queued } from '../../domain/queue';
import type { ExportRequest } from '../../domain/request';
import type { Stage } from '../../domain/stage';
import type { CurrentExport, ExportIssueInput, PendingDecision, Pause, Stuck } from './carried';

/** The state of a run of `ExportIssue`: plain data that signal handlers and steps change. */
export interface IssueState {
  readonly issueId: string;
  /** What the run is working on. */
  work: Work;
  /** Requests in order of receipt; the request that is being prepared is still among them. */
  queue: readonly Queued[];
  /** The request that was taken last. `progress` still shows it after it has ended. */
  latestRequest: ExportRequest | undefined;
  /** The last ended export that had a plan. `progress` shows it until the next request is taken. */
  endedExport: CurrentExport | undefined;
  stage: Stage;
  pendingDecisions: readonly PendingDecision[];
  log: readonly LogEntry[];
  /** Number of questions since `signalWithStart`, across continued runs. */
  questionsAsked: number;
  /** Ids of requests whose reports were written recently. */
  reportedIds: readonly string[];
  pause: Pause | undefined;
  /** Present while no call is answered. */
  stuck: Stuck | undefined;
  /** Epoch ms. The first failure since a call was answered last. */
  failingSince: number | undefined;
  /**
   * Number of pauses in this run. The result of a call from before a pause doesn't allow several calls at
   * once after the pause.
   */
  pauseCount: number;
  /** Temporal has requested cancellation of this run. */
  cancelled: boolean;
  /** The gateway has said who is about to cancel. */
  cancelAnnounced: boolean;
  /** Who cancels and why, as part of a sentence: ` by ann (token) ("wrong issue")`. */
  cancelledBy: string | undefined;
  /** The decision that answers the open question, or that is being applied now. */
  answer: Decision | undefined;
  /** Number of calls to the labeling service in flight. */
  callsInFlight: number;
  /** Number of decision proofs that are being checked for signals that steer. */
  proofChecks: number;
  /** Number of decisions by update whose decision proof is being read. The question stays open meanwhile. */
  decisionChecks: number;
  /**
   * Number of notices since `signalWithStart`, across continued runs. Each notice's number is part of its id.
   */
  noticesSent: number;
  /** Notices that were suspended; the next run resumes them. */
  suspendedNotices: readonly NotifyInput[];
  /** True once this run, or an earlier run of its chain, has taken a request. */
  hasTakenRequest: boolean;
  /**
   * Ids of queued requests some of whose labels may have been sent before Temporal lost its database. Nothing
   * supersedes these requests.
   */
  idsWithSentLabels: readonly string[];
}

/** A request is prepared, then exported, then reported. Between requests the run may be idle. */
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
    stuck: carried?.stuck,
    failingSince: carried?.stuck?.since,
    pauseCount: 0,
    cancelled: false,
    cancelAnnounced: false,
    cancelledBy: undefined,
    answer: undefined,
    callsInFlight: 0,
    proofChecks: 0,
    decisionChecks: 0,
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

/** @throws {Error} when there is no current export: a bug in the workflow. */
export function requireExport(state: IssueState): CurrentExport {
  const current = currentExport(state);
  if (!current) throw new Error('There is no current export.');
  return current;
}

/** The request whose plan is being made. */
export function preparingRequest({ work }: IssueState): ExportRequest | undefined {
  return work.kind === 'preparing' ? work.request : undefined;
}
