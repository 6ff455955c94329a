import type { CancellationScope } from '@temporalio/workflow';
import type { NotifyInput } from '../../activities/contracts';
import type { Decision } from '../../domain/decision';
import type { LogEntry } from '../../domain/decision-log';
import type { Queued } from '../../domain/queue';
import type { ExportRequest } from '../../domain/request';
import type { Stage } from '../../domain/stage';
import type { CurrentExport, ExportIssueInput, PendingDecision, Pause } from './carried';

/** What a run of `ExportIssue` knows. Signal handlers change it, the story reads it. */
export class RunState {
  readonly issueId: string;
  queue: readonly Queued[];
  current: CurrentExport | undefined;
  /** The request that is being carried out or was last; what `progress` shows. */
  shown: ExportRequest | undefined;
  /** The last export that had a plan, for `progress` after its end. */
  last: CurrentExport | undefined;
  stage: Stage = 'preparing';
  pendingDecisions: readonly PendingDecision[];
  log: readonly LogEntry[];
  questionsAsked: number;
  recent: readonly string[];
  pause: Pause | undefined;
  /** A person asked Temporal to cancel this run. */
  cancelled = false;
  /** The answer to the question that is being asked. */
  verdict: Decision | undefined;
  /** The request whose plan is being made. */
  taken: ExportRequest | undefined;
  /** The current export has ended; its report is being written. */
  ending = false;
  /** Calls in flight, for `progress`. */
  inFlight = 0;
  /** Notices on their way, by their ids: the run ends, or goes on in another, only without. */
  readonly notices = new Map<string, CancellationScope>();
  noticesSent: number;
  /** Notices that the next run goes on with. */
  suspendedNotices: readonly NotifyInput[] = [];
  /** Who cancelled, and why, as the log words it. */
  cancelledBecause: string | undefined;
  /** Words of operators whose record is being looked for. */
  proving = 0;
  /** Started by `signalWithStart`, and no request taken yet. */
  fresh: boolean;
  /** Request ids that had sent labels before a database was lost: nothing supersedes them. */
  begun: readonly string[] = [];
  /** Pauses so far: calls from before one do not open the window after it. */
  pauses = 0;

  constructor(input: ExportIssueInput) {
    const carried = input.carried;
    this.issueId = input.issueId;
    this.queue = carried?.queue ?? [];
    this.current = carried?.current;
    this.shown = carried?.current?.request;
    this.last = carried?.current;
    this.pendingDecisions = carried?.pendingDecisions ?? [];
    this.log = carried?.log ?? [];
    this.questionsAsked = carried?.questionsAsked ?? 0;
    this.recent = carried?.recent ?? [];
    this.pause = carried?.pause;
    this.noticesSent = carried?.noticesSent ?? 0;
    this.fresh = carried === undefined;
  }
}
