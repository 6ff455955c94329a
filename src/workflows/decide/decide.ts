import type { ParsedDecision } from '../../decisions/parse-decision';
import { type Decision, isAbout, isRevision } from '../../domain/decision';
import { cutToUnits } from '../../text/cut';
import type { CurrentExport } from '../state/carried';
import type { Run } from '../state/run';

/** What is current: the export with its plan, or the request whose plan is being made. */
interface Subject {
  readonly sha256: string;
  readonly export?: CurrentExport;
}

/** Why a signal decides nothing where the route says `signals: ignore`. */
export const onlyWithToken =
  'the route takes decisions only with an operator’s token: page, API or requeue command';

/**
 * Uses a decision, keeps it for its question, or says in the log why it decides nothing. Never throws.
 * With a revision a decision counts for that revision alone, early too. Without one, `approve` counts only for the first
 * question since the run was started, while it is asked: nobody approves what they have not seen.
 */
export function decide(run: Run, signal: 'approve' | 'reject', heard: ParsedDecision): void {
  if (heard.kind === 'nothing')
    return void run.addLogEntry(`A signal ${signal} decided nothing: ${heard.why}.`);
  const unused =
    heard.revision === undefined ? decideCurrent(run, heard) : decideRevision(run, heard, heard.revision);
  if (unused) run.addLogEntry(`${describeDecision(heard)} decided nothing: ${unused}.`);
  run.showDetails();
}

/** The kept decision that answers the next question about the current export; takes it from the kept ones. */
export function takePendingDecision(
  run: Run,
  current: CurrentExport,
  kinds: readonly Decision['kind'][],
): Decision | undefined {
  for (;;) {
    const kept = run.pendingDecisions.find(
      (decision) => isAbout(decision.revision, current.request.sha256) && kinds.includes(decision.kind),
    );
    if (!kept) return undefined;
    run.pendingDecisions = run.pendingDecisions.filter((decision) => decision !== kept);
    const wrong = refusalReason(kept, current);
    if (!wrong) return kept;
    run.addLogEntry(`${describeDecision(kept)} decided nothing: ${wrong}.`);
  }
}

/** Whether a decision of this kind is kept for the export. */
export function hasPendingDecision(run: Run, current: CurrentExport, kind: Decision['kind']): boolean {
  return run.pendingDecisions.some(
    (decision) => decision.kind === kind && isAbout(decision.revision, current.request.sha256),
  );
}

/** No label of the current export was sent, in this run or one before it. */
export function nothingIsSent(run: Run): boolean {
  const { current } = run;
  return (
    current !== undefined &&
    current.cursor.next === 0 &&
    current.cursor.done === 0 &&
    current.plan.touchedUpTo === 0
  );
}

/** What was not used for an export that has ended: the next attempt at its revision asks again. */
export function dropPendingDecisions(run: Run, sha256: string): void {
  for (const kept of run.pendingDecisions) {
    if (isAbout(kept.revision, sha256))
      run.addLogEntry(`${describeDecision(kept)} was not used: its export has ended.`);
  }
  run.pendingDecisions = run.pendingDecisions.filter((kept) => !isAbout(kept.revision, sha256));
}

/** `ann (token)`, or `"ann" (claimed)`: a token is proof, a name in a signal is a claim. */
export function describeSender({ by, proven }: Decision): string {
  if (by === undefined) return 'nobody named';
  return proven ? `${by.slice(0, 60)} (token)` : `"${by.slice(0, 60)}" (claimed)`;
}

/** `Update approve by ann (token)`, `Signal approve by "ann" (claimed)`: who said what, as the log words it. */
export function describeDecision(decision: Decision): string {
  const by = decision.by === undefined ? '' : ` by ${describeSender(decision)}`;
  const upTo = decision.upTo === undefined ? '' : ` up to ${decision.upTo}`;
  const reason = decision.reason === undefined ? '' : ` ("${shortenReason(decision.reason)}")`;
  return `${decision.through === 'update' ? 'Update' : 'Signal'} ${decision.kind}${upTo}${by}${reason}`;
}

/** A line has room for so much of a reason; the whole is beside the plan. */
export function shortenReason(reason: string): string {
  return reason.length > 120 ? `${cutToUnits(reason, 119)}…` : reason;
}

function decideCurrent(run: Run, decision: Decision): string | undefined {
  const subject = currentSubject(run);
  if (!subject) return 'nothing is being exported';
  const { export: current } = subject;
  if (current?.asking && !run.verdict) {
    if (decision.kind === 'approve' && run.questionsAsked !== 1)
      return 'it names no revision, and this is not the first question';
    return answer(run, current, decision);
  }
  if (decision.kind === 'approve') return 'it names no revision, and nothing is being asked';
  return keepForNextQuestion(run, subject, decision);
}

export function decideRevision(run: Run, decision: Decision, revision: string): string | undefined {
  if (!isRevision(revision)) return 'its revision is not 12 or 64 hex digits';
  const subject = currentSubject(run);
  if (subject && isAbout(revision, subject.sha256)) {
    const { export: current } = subject;
    return current?.asking && !run.verdict
      ? answer(run, current, decision)
      : keepForNextQuestion(run, subject, decision);
  }
  const queued = run.queue.find((waiting) => isAbout(revision, waiting.request.sha256));
  run.addPendingDecision({ ...decision, revision: queued?.request.sha256 ?? revision });
  run.addLogEntry(`${describeDecision(decision)} is kept for revision ${revision.slice(0, 12)}.`);
  return undefined;
}

function answer(run: Run, current: CurrentExport, decision: Decision): string | undefined {
  const wrong = refusalReason(decision, current);
  if (!wrong) run.verdict = decision;
  return wrong;
}

function keepForNextQuestion(run: Run, subject: Subject, decision: Decision): string | undefined {
  const current = subject.export;
  if (current && run.verdict) return 'the question is answered already';
  const allApproved = current && current.approvedUpTo >= current.plan.labels && current.plan.labels > 0;
  if (allApproved && decision.kind === 'approve') return 'all labels are approved';
  if (allApproved && !nothingIsSent(run)) return 'all labels are approved; cancel stops them';
  const wrong = current && refusalReason(decision, current);
  if (wrong) return wrong;
  run.addPendingDecision({ ...decision, revision: subject.sha256 });
  run.addLogEntry(`${describeDecision(decision)} is kept for the next question.`);
  return undefined;
}

function refusalReason(decision: Decision, current: CurrentExport): string | undefined {
  if (current.plan.asking.signals === 'ignore' && !decision.proven) return onlyWithToken;
  if (decision.upTo === undefined) return undefined;
  if (decision.upTo > current.plan.labels)
    return `upTo is ${decision.upTo}, and the plan has ${current.plan.labels} labels`;
  if (decision.upTo <= current.approvedUpTo)
    return `labels 1 to ${current.approvedUpTo} are approved already`;
  return undefined;
}

function currentSubject(run: Run): Subject | undefined {
  if (run.ending) return undefined;
  if (run.current) return { sha256: run.current.request.sha256, export: run.current };
  const next = run.taken ?? run.queue[0]?.request; // a signal may come before the first request is taken
  return next ? { sha256: next.sha256 } : undefined;
}
