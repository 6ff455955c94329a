import { type Accepted, type Approval, Facts, type NotedDeed } from './facts';
import { aLateDecisionDecidesNothing } from './invariants/a-late-decision-decides-nothing';
import { anApprovalCountsOnce } from './invariants/an-approval-counts-once';
import { aPausedDestinationGetsNoCall } from './invariants/a-paused-destination-gets-no-call';
import { aPausedExportBeginsNoCall } from './invariants/a-paused-export-begins-no-call';
import { aStuckExportNamesItsFile } from './invariants/a-stuck-export-names-its-file';
import { aReportAnswersItsOwnRevision } from './invariants/a-report-answers-its-own-revision';
import { noReceiptIsTakenBack } from './invariants/no-receipt-is-taken-back';
import { onlyRelabeledLabelsAreLeftOut } from './invariants/only-relabeled-labels-are-left-out';
import { everyOutcomeHasItsReason } from './invariants/every-outcome-has-its-reason';
import { everythingEnds } from './invariants/everything-ends';
import type { Checks, Invariant } from './invariants/invariant';
import { noLabelIsSentTwiceInSilence } from './invariants/no-label-is-sent-twice-in-silence';
import { nothingAcceptedIsLost } from './invariants/nothing-accepted-is-lost';
import { nothingIsSentAfterTheReport } from './invariants/nothing-is-sent-after-the-report';
import { nothingIsSupersededUnseen } from './invariants/nothing-is-superseded-unseen';
import { nothingUnapprovedIsSent } from './invariants/nothing-unapproved-is-sent';
import { oneReportPerRequest } from './invariants/one-report-per-request';
import { reportsAgreeWithTheLedger } from './invariants/reports-agree-with-the-ledger';
import { theNewestRequestWins } from './invariants/the-newest-request-wins';
import { theStoreAloneBringsEverythingBack } from './invariants/the-store-alone-brings-everything-back';
import { workflowTasksSucceed } from './invariants/workflow-tasks-succeed';
import type { LedgerCall } from './labeling';
import { troubleMs } from './scenario';
import type { Task } from './temporal/history';
import type { WorkflowRun } from './temporal/run';
import { startMs, type World } from './world';

/** Every promise that is checked. A violation begins with the name. */
const allInvariants: readonly Invariant[] = [
  workflowTasksSucceed,
  nothingUnapprovedIsSent,
  anApprovalCountsOnce,
  aLateDecisionDecidesNothing,
  aPausedExportBeginsNoCall,
  aPausedDestinationGetsNoCall,
  nothingIsSentAfterTheReport,
  aStuckExportNamesItsFile,
  everythingEnds,
  nothingAcceptedIsLost,
  oneReportPerRequest,
  aReportAnswersItsOwnRevision,
  onlyRelabeledLabelsAreLeftOut,
  noReceiptIsTakenBack,
  noLabelIsSentTwiceInSilence,
  reportsAgreeWithTheLedger,
  everyOutcomeHasItsReason,
  nothingIsSupersededUnseen,
  theNewestRequestWins,
  theStoreAloneBringsEverythingBack,
];

/** A broken promise, as a sentence. */
export class Violation extends Error {}

/** Compares what the product does with what the world outside knows. */
export class Invariants {
  readonly facts = new Facts();
  violation: Violation | undefined;
  private readonly checks: readonly Checks[] = allInvariants.map(({ name, watch }) =>
    watch(this.facts, (sentence) => this.fail(`${name}: ${sentence}`)),
  );

  set world(world: World) {
    this.facts.world = world;
  }

  get accepted(): Accepted[] {
    return this.facts.accepted;
  }

  get approvals(): Approval[] {
    return this.facts.approvals;
  }

  get deeds(): NotedDeed[] {
    return this.facts.deeds;
  }

  /** The first broken promise counts. */
  fail(sentence: string): void {
    this.violation ??= new Violation(sentence);
  }

  onCall(call: LedgerCall): void {
    for (const checks of this.checks) checks.onCall?.(call);
  }

  onTask(run: WorkflowRun, task: Task): void {
    for (const checks of this.checks) checks.onTask?.(run, task);
  }

  onTaskFailed(run: WorkflowRun, message: string): void {
    for (const checks of this.checks) checks.onTaskFailed?.(run, message);
  }

  onWrite(key: string, bytes: Buffer): void {
    this.facts.noteWrite(key, bytes);
    for (const checks of this.checks) checks.onWrite?.(key, bytes);
  }

  onStuck(issueId: string, because: string): void {
    for (const checks of this.checks) checks.onStuck?.(issueId, because);
  }

  /** Called when everything is repaired and quiet. */
  atEnd(): void {
    for (const checks of this.checks) checks.atEnd?.();
  }

  /** Called after the end, when everything but the store was lost. */
  afterLoss(): void {
    for (const checks of this.checks) checks.afterLoss?.();
  }
}

export const calmFrom = startMs + troubleMs + 2 * 60_000;
