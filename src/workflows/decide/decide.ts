import { defined } from '../../collections/defined';
import type { ParsedDecision } from '../../decisions/parse-decision';
import type { Decision } from '../../domain/decision';
import { isAbout, isRevision, shortRevision } from '../../domain/revision';
import { formatNumber } from '../../text/format-number';
import type { CurrentExport } from '../state/carried';
import { currentExport, type IssueState, preparingRequest } from '../state/issue-state';
import { maxEntryCharacters, type Run } from '../state/run';
import { describeOtherPlan, isSamePlan } from './other-plan';
import { describeDeadline, isPastDeadline } from './deadline';
import { describeDecision } from './describe-decision';

/** The request that a decision without a revision refers to. */
interface Subject {
  readonly sha256: string;
  /** Absent until the plan is made. */
  readonly export?: CurrentExport;
}

/** Why a decision without a token decides nothing on a route with `signals: ignore`. */
export const onlyWithToken =
  'the route accepts decisions only with an operator token, through the page, the API or a requeue command';

/**
 * Applies a decision, keeps it for its question, or logs why it decides nothing. Never throws, because it
 * runs in signal handlers. A decision with a revision counts only for that revision, even before the question
 * is asked. An `approve` without a revision counts only while the first question since `signalWithStart` is
 * open: at a later question, the sender may have meant an earlier plan.
 */
export function decide(run: Run, signal: Decision['kind'], parsed: ParsedDecision): void {
  if (parsed.kind === 'nothing') {
    run.addLogEntry(`Signal ${signal} decided nothing: ${parsed.why}.`);
    return;
  }
  const unusedBecause =
    parsed.revision === undefined ? decideCurrent(run, parsed) : decideRevision(run, parsed, parsed.revision);
  if (unusedBecause) logUnused(run, parsed, unusedBecause);
  run.showDetails();
}

/**
 * @param isInTime true if a late decision counts, because its decision proof is older than the deadline.
 * @returns why the decision decides nothing; undefined when it was applied or kept.
 */
export function decideRevision(
  run: Run,
  decision: Decision,
  revision: string,
  isInTime = false,
): string | undefined {
  if (!isRevision(revision)) return 'its revision is not 12 or 64 hex digits';
  const subject = currentSubject(run.state);
  if (subject && isAbout(revision, subject.sha256))
    return hasOpenQuestion(run.state, subject.export)
      ? answerQuestion(run, subject.export, decision, isInTime)
      : keepForNextQuestion(run, subject, decision);
  const queued = run.state.queue.find(({ request }) => isAbout(revision, request.sha256));
  run.addPendingDecision({ ...decision, revision: queued?.request.sha256 ?? revision });
  run.addLogEntry(`${describeDecision(decision)} is kept for revision ${shortRevision(revision)}.`);
  return undefined;
}

/**
 * Removes and returns the pending decision that counts now. Drops pending decisions that can't count anymore.
 */
export function takePendingDecision(
  run: Run,
  current: CurrentExport,
  kinds: readonly Decision['kind'][],
): Decision | undefined {
  for (;;) {
    const pending = run.state.pendingDecisions.find(
      ({ kind, revision }) => isAbout(revision, current.request.sha256) && kinds.includes(kind),
    );
    if (!pending) return undefined;
    run.state.pendingDecisions = run.state.pendingDecisions.filter((decision) => decision !== pending);
    const unusedBecause = whyRefused(pending, current);
    if (!unusedBecause) return pending;
    logUnused(run, pending, unusedBecause);
  }
}

/** A log entry has at most 300 characters: the decision's own reason is left out before the rest is truncated. */
function logUnused(run: Run, decision: Decision, because: string): void {
  const { reason: _reason, ...withoutReason } = decision;
  const [text, shorter] = [decision, withoutReason].map(
    (described) => `${describeDecision(described)} decided nothing: ${because}.`,
  ) as [string, string];
  run.addLogEntry(text.length > maxEntryCharacters ? shorter : text);
}

export function hasPendingDecision(
  state: IssueState,
  current: CurrentExport,
  kind: Decision['kind'],
): boolean {
  return state.pendingDecisions.some(
    (decision) => decision.kind === kind && isAbout(decision.revision, current.request.sha256),
  );
}

/** A rejection of the export was heard while it was paused. */
export function isRejectedWhilePaused({ pendingDecisions }: IssueState, { request }: CurrentExport): boolean {
  return pendingDecisions.some(
    ({ kind, revision, whilePaused }) =>
      kind === 'reject' && whilePaused && isAbout(revision, request.sha256),
  );
}

/** The next attempt at the revision asks again, and an unused decision must not answer that question. */
export function dropPendingDecisions(run: Run, sha256: string): void {
  const { pendingDecisions } = run.state;
  for (const pending of pendingDecisions.filter(({ revision }) => isAbout(revision, sha256)))
    run.addLogEntry(`${describeDecision(pending)} was not used: its export has ended.`);
  run.state.pendingDecisions = pendingDecisions.filter(({ revision }) => !isAbout(revision, sha256));
}

/** Neither this run nor an earlier one has sent a label of the export. */
export function isNothingSent({ cursor, plan }: CurrentExport): boolean {
  return cursor.next === 0 && cursor.done === 0 && plan.touchedUpTo === 0;
}

function decideCurrent(run: Run, decision: Decision): string | undefined {
  const subject = currentSubject(run.state);
  if (!subject) return 'nothing is being exported';
  if (hasOpenQuestion(run.state, subject.export)) {
    if (decision.kind === 'approve' && run.state.questionsAsked !== 1)
      return 'it names no revision, and this is not the first question';
    return answerQuestion(run, subject.export, decision);
  }
  if (decision.kind === 'approve') return 'it names no revision, and no question is open';
  return keepForNextQuestion(run, subject, decision);
}

function hasOpenQuestion(
  { answer }: IssueState,
  current: CurrentExport | undefined,
): current is CurrentExport {
  return current?.asking !== undefined && answer === undefined;
}

function answerQuestion(
  run: Run,
  current: CurrentExport,
  decision: Decision,
  isInTime = false,
): string | undefined {
  const { asking } = current;
  if (asking && !isInTime && isPastDeadline(run.state, asking)) return describeDeadline(asking, current);
  const unusedBecause = whyRefused(decision, current);
  if (!unusedBecause) run.state.answer = decision;
  return unusedBecause;
}

function keepForNextQuestion(run: Run, subject: Subject, decision: Decision): string | undefined {
  const unusedBecause = subject.export && whyNotKept(run.state, subject.export, decision);
  if (unusedBecause) return unusedBecause;
  const whilePaused = subject.export && run.state.pause ? (true as const) : undefined;
  run.addPendingDecision({ ...decision, revision: subject.sha256, ...defined({ whilePaused }) });
  run.addLogEntry(`${describeDecision(decision)} is kept for the next question.`);
  return undefined;
}

function whyNotKept(state: IssueState, current: CurrentExport, decision: Decision): string | undefined {
  if (state.answer) return 'the question is already answered';
  const isAllApproved = current.approvedUpTo >= current.plan.labels && current.plan.labels > 0;
  if (isAllApproved && decision.kind === 'approve') return 'all labels are approved';
  if (isAllApproved && !isNothingSent(current)) return 'all labels are approved; cancel stops them';
  return whyRefused(decision, current);
}

function whyRefused({ proven, upTo, plan: named }: Decision, current: CurrentExport): string | undefined {
  const { approvedUpTo, plan } = current;
  if (plan.asking.signals === 'ignore' && !proven) return onlyWithToken;
  if (named !== undefined && !isSamePlan(named, plan)) return describeOtherPlan(plan);
  if (upTo === undefined) return undefined;
  if (upTo > plan.labels)
    return `upTo is ${formatNumber(upTo)}, and the plan has ${formatNumber(plan.labels)} labels`;
  if (upTo <= approvedUpTo) return `labels 1 to ${formatNumber(approvedUpTo)} are already approved`;
  return undefined;
}

function currentSubject(state: IssueState): Subject | undefined {
  const current = currentExport(state);
  if (state.work.kind === 'reporting') return undefined;
  if (current) return { sha256: current.request.sha256, export: current };
  const next = preparingRequest(state) ?? state.queue[0]?.request; // a signal may arrive before the first request is taken
  return next ? { sha256: next.sha256 } : undefined;
}
