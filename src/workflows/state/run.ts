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
import type { Stage } from '../../domain/stage';
import type { Carried, CurrentExport, ExportIssueWorkflow, PendingDecision, Pause } from './carried';
import { labelsDone, noOutcomes } from '../../domain/label-outcome';
import { showDetails } from './current-details';
import { RunState } from './issue-state';
import { keywordPair, labelCountPair } from './search-attribute-pairs';

/** Entries of the decision log, and unused decisions, that are kept. */
const maxKept = 50;
/** Reported request ids that are remembered; the reports themselves know all. */
const maxRecent = 500;
/** The Web UI's list of progress is refreshed by upserts at most this often. */
const upsertEveryMs = 5000;
/** Events of a history, far below the server's hard stop of 51,200. */
const fullHistory = 20_000;

/** A run of `ExportIssue`: what it knows, and every change of it that shows outside. */
export class Run extends RunState {
  private upsertedStage: Stage | undefined;
  private lastUpsert = 0;
  private readonly scopes = new Set<CancellationScope>();

  /** Stops what can be stopped: activities that wait for their next attempt, a plan in the making. */
  cancel(): void {
    this.cancelled = true;
    for (const scope of this.scopes) scope.cancel();
  }

  /** Runs `work` so that `cancel` reaches its activities; answers `cancelled` when that ended it. */
  async cancellable<T>(work: () => Promise<T>): Promise<T | 'cancelled'> {
    const scope = new CancellationScope({ cancellable: true });
    this.scopes.add(scope);
    if (this.cancelled) scope.cancel();
    try {
      return await scope.run(work);
    } catch (error) {
      if (this.cancelled || isCancellation(error)) return 'cancelled'; // Temporal tries a cancelled activity no further, whatever it failed with
      throw error;
    } finally {
      this.scopes.delete(scope);
    }
  }

  /** Changes the current export; every change goes through here. */
  update(change: Partial<CurrentExport>): CurrentExport {
    if (!this.current) throw new Error('There is no current export to change.');
    this.current = { ...this.current, ...change };
    this.last = this.current;
    return this.current;
  }

  addLogEntry(text: string): LogEntry {
    const entry = { at: new Date().toISOString(), text: text.slice(0, 300) };
    this.log = [...this.log, entry].slice(-maxKept);
    this.showDetails();
    return entry;
  }

  /** Says an entry in other words, once more is known. */
  rewordLogEntry(entry: LogEntry, text: string): void {
    this.log = this.log.map((other) => (other === entry ? { ...entry, text: text.slice(0, 300) } : other));
    this.showDetails();
  }

  addPendingDecision(decision: PendingDecision): void {
    this.pendingDecisions = [...this.pendingDecisions, decision].slice(-maxKept);
  }

  remember(requestIds: readonly string[]): void {
    this.recent = [...this.recent, ...requestIds].slice(-maxRecent);
  }

  /** Shows the stage in visibility; says nothing twice. */
  setStage(stage: Stage, more: readonly SearchAttributePair[] = []): void {
    this.stage = stage;
    if (this.upsertedStage !== stage || more.length > 0) {
      this.upsertedStage = stage;
      upsertSearchAttributes([keywordPair('ExportStage', stage), ...more]);
    }
    this.showDetails();
  }

  /** Shows the number of labels done: with the first result 5 s or more after the last time; never by a timer. */
  showDone(): void {
    this.showDetails();
    if (Date.now() - this.lastUpsert < upsertEveryMs) return;
    this.lastUpsert = Date.now();
    upsertSearchAttributes([
      labelCountPair('ExportLabelsDone', labelsDone(this.current?.counts ?? noOutcomes)),
    ]);
  }

  /** The number of labels done has just been shown. */
  doneIsShown(): void {
    this.lastUpsert = Date.now();
  }

  /** Nothing more is sent until `resume`. */
  startPause(pause: Pause): void {
    this.pause = pause;
    this.pauses += 1;
  }

  showDetails(): void {
    showDetails(this);
  }

  /** Temporal suggests it, and nothing is on its way that would be lost: a notice, a decision that is being checked. */
  get mustContinueAsNew(): boolean {
    return workflowInfo().continueAsNewSuggested && this.isQuiescent;
  }

  /** A history this long takes no new calls until it can be continued as new: notices may hold it for a quarter of an hour. */
  get isFull(): boolean {
    return this.mustContinueAsNew || workflowInfo().historyLength > fullHistory;
  }

  /** No notice and no update is on its way. */
  get isQuiescent(): boolean {
    return this.notices.size === 0 && allHandlersFinished();
  }

  /** Goes on in a new run with all that this one knows. Never with an activity in flight. Never returns. */
  async continueAsNew(): Promise<never> {
    return continueAsNew<ExportIssueWorkflow>({ issueId: this.issueId, carried: this.carried() });
  }

  private carried(): Carried {
    return {
      queue: this.queue,
      ...defined({ current: this.current, pause: this.pause }),
      pendingDecisions: this.pendingDecisions,
      log: this.log,
      questionsAsked: this.questionsAsked,
      recent: this.recent,
      noticesSent: this.noticesSent,
      notices: this.suspendedNotices,
    };
  }
}
