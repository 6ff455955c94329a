import { defined } from '../../collections/defined';
import type { SearchAttributePair } from '@temporalio/common';
import {
  allHandlersFinished,
  CancellationScope,
  continueAsNew,
  isCancellation,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { LogEntry } from '../../domain/decision-log';
import type { Queued } from '../../domain/queue';
import type { Stage } from '../../domain/stage';
import type {
  Carried,
  CurrentExport,
  ExportIssueInput,
  ExportIssueWorkflow,
  Pause,
  PendingDecision,
} from './carried';
import { labelsDone } from '../../domain/label-outcome';
import { showDetails } from './current-details';
import { currentExport, initialState, type IssueState, requireExport } from './issue-state';
import { keywordPair, labelCountPair } from './search-attribute-pairs';

/** At most 50 log entries and 50 pending decisions: both are in the argument of a continued run. */
const maxKept = 50;
/** At most 500 reported request ids, for the same reason. The reports themselves contain all of them. */
const maxReportedIds = 500;
/** Maximum characters of a log entry, for the same reason. */
export const maxEntryCharacters = 300;
/**
 * At least 5 s between two upserts of the number of labels done: each upsert adds an event to the history.
 */
const upsertEveryMs = 5000;
/** At most this many more upserts of an export, however fast it is. */
const shownSteps = 50;
/**
 * A history with more events than this counts as full. The limit is far below 51,200 events, at which the
 * server terminates the run.
 */
const fullHistory = 20_000;

/** One Temporal execution of `ExportIssue`: its state, and the changes that must be visible outside it. */
export class Run {
  readonly state: IssueState;
  /** Notices in flight, by notice id. The run closes or continues as new only when there are none. */
  readonly noticeScopes = new Map<string, CancellationScope>();
  private upsertedStage: Stage | undefined;
  /** The number of labels done that this run showed last. */
  private labelsDoneShown: number | undefined;
  /** Epoch ms. */
  private labelsDoneShownAt = 0;
  private readonly scopes = new Set<CancellationScope>();

  constructor(input: ExportIssueInput) {
    this.state = initialState(input);
  }

  /**
   * Stops what can be stopped: activities that wait for Temporal to retry them, and a plan that is being
   * made.
   */
  cancel(): void {
    this.state.cancelled = true;
    for (const scope of this.scopes) scope.cancel();
  }

  /** Runs `work` so that `cancel` reaches its activities. @returns `cancelled` if `cancel` ended it. */
  async cancellable<T>(work: () => Promise<T>): Promise<T | 'cancelled'> {
    const scope = new CancellationScope({ cancellable: true });
    this.scopes.add(scope);
    if (this.state.cancelled) scope.cancel();
    try {
      return await scope.run(work);
    } catch (error) {
      if (this.state.cancelled || isCancellation(error)) return 'cancelled'; // Temporal no longer retries a cancelled activity, so a retryable error arrives here too
      throw error;
    } finally {
      this.scopes.delete(scope);
    }
  }

  /** Every change to the current export goes through this method. */
  updateExport(change: Partial<CurrentExport>): CurrentExport {
    const changed = { ...requireExport(this.state), ...change };
    this.replaceExport(changed);
    return changed;
  }

  closeQuestion(): void {
    const current = currentExport(this.state);
    if (!current?.asking) return;
    const { asking: _answered, ...rest } = current;
    this.replaceExport(rest);
  }

  addLogEntry(text: string): LogEntry {
    const entry = { at: new Date().toISOString(), text: text.slice(0, maxEntryCharacters) };
    this.state.log = [...this.state.log, entry].slice(-maxKept);
    this.showDetails();
    return entry;
  }

  /**
   * Replaces an entry's text once its sender is checked. An entry that has left the log is not added again.
   */
  rewordLogEntry(entry: LogEntry, text: string): void {
    this.state.log = this.state.log.map((other) =>
      other === entry ? { ...entry, text: text.slice(0, maxEntryCharacters) } : other,
    );
    this.showDetails();
  }

  addPendingDecision(decision: PendingDecision): void {
    this.state.pendingDecisions = [...this.state.pendingDecisions, decision].slice(-maxKept);
  }

  rememberReported(requestIds: readonly string[]): void {
    this.state.reportedIds = [...this.state.reportedIds, ...requestIds].slice(-maxReportedIds);
  }

  /** Call this when the request has a report, either its own or one that it shares. */
  stopPreparing({ request: { requestId } }: Queued): void {
    const { work } = this.state;
    if (work.kind === 'preparing' && work.request.requestId === requestId) this.state.work = { kind: 'idle' };
  }

  /**
   * Shows the stage in the Web UI's lists, and with it the number of labels done. An unchanged stage without
   * `more` adds no event to the history.
   */
  setStage(stage: Stage, more: readonly SearchAttributePair[] = []): void {
    this.state.stage = stage;
    if (this.upsertedStage !== stage || more.length > 0) {
      this.upsertedStage = stage;
      const isShown = this.labelsDone === this.labelsDoneShown;
      const labels = isShown ? [] : this.labelsDonePairs();
      upsertSearchAttributes([keywordPair('ExportStage', stage), ...more, ...labels]);
    }
    this.showDetails();
  }

  /**
   * Shows the number of labels done, unless it was last shown less than 5 s ago and is less than a fiftieth of the
   * plan behind. A list is then less than 2% behind while a call waits for minutes, and needs no timer.
   */
  showLabelsDone(): void {
    this.showDetails();
    const { labelsDone: done = 0, labelsDoneShown: shown = 0 } = this;
    const isFarBehind = done - shown >= requireExport(this.state).plan.labels / shownSteps;
    if (done === shown || (!isFarBehind && Date.now() - this.labelsDoneShownAt < upsertEveryMs)) return;
    upsertSearchAttributes(this.labelsDonePairs());
  }

  /** Nothing more is sent until `resume`. */
  startPause(pause: Pause): void {
    this.state.pause = pause;
    this.state.pauseCount += 1;
    this.state.stuck = undefined; // nothing more is tried
    this.state.failingSince = undefined;
  }

  showDetails(): void {
    showDetails(this.state);
  }

  /** Temporal suggests continuing as new, and the run is quiescent. */
  get mustContinueAsNew(): boolean {
    return workflowInfo().continueAsNewSuggested && this.isQuiescent;
  }

  /**
   * A run with a full history makes no new calls until it continues as new. Notices may delay that by up to
   * 15 minutes.
   */
  get isFull(): boolean {
    return this.mustContinueAsNew || workflowInfo().historyLength > fullHistory;
  }

  /**
   * Neither a notice nor an update is in progress, so none is lost when the run closes or continues as new.
   */
  get isQuiescent(): boolean {
    return this.noticeScopes.size === 0 && allHandlersFinished();
  }

  /** Continues in a new run with this state. Never call it with an activity in flight. Never returns. */
  async continueAsNew(): Promise<never> {
    return continueAsNew<ExportIssueWorkflow>({
      issueId: this.state.issueId,
      carried: toCarried(this.state),
    });
  }

  /** Undefined while no export is current. */
  private get labelsDone(): number | undefined {
    const current = currentExport(this.state);
    return current && labelsDone(current.counts);
  }

  /** Call this only for an upsert: the number counts as shown. */
  private labelsDonePairs(): SearchAttributePair[] {
    const done = this.labelsDone;
    if (done === undefined) return [];
    this.labelsDoneShown = done;
    this.labelsDoneShownAt = Date.now();
    return [labelCountPair('ExportLabelsDone', done)];
  }

  private replaceExport(changed: CurrentExport): void {
    const { work } = this.state;
    this.state.work = { kind: work.kind === 'reporting' ? 'reporting' : 'exporting', export: changed };
  }
}

function toCarried(state: IssueState): Carried {
  return {
    queue: state.queue,
    ...defined({ current: currentExport(state), pause: state.pause, stuck: state.stuck }),
    pendingDecisions: state.pendingDecisions,
    log: state.log,
    questionsAsked: state.questionsAsked,
    recent: state.reportedIds,
    noticesSent: state.noticesSent,
    notices: state.suspendedNotices,
  };
}
