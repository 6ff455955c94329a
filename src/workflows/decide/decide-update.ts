import { defined } from '../../collections/defined';
import { ApplicationFailure, CancellationScope } from '@temporalio/workflow';
import {
  type InvalidDecision,
  parseDecisionStrictly,
  type StrictDecision,
} from '../../decisions/parse-decision';
import type { Decision } from '../../domain/decision';
import { isAbout, shortRevision } from '../../domain/revision';
import { formatNumber } from '../../text/format-number';
import type { DecideArgs, DecideResult } from '../messages';
import type { CurrentExport, Question } from '../state/carried';
import { currentExport, type IssueState, openExport, preparingRequest } from '../state/issue-state';
import type { Run } from '../state/run';
import { checkDecision } from '../steps/activity-options';
import { decideRevision, isNothingSent, onlyWithToken } from './decide';
import { describeDeadline, isPastDeadline } from './deadline';
import { describeDecision } from './describe-decision';
import { describeOtherPlan, isSamePlan } from './other-plan';
import { reasonForActivity } from './reason-for-activity';
import { readProofCheck } from './steering';

/** A strict decision from an update: it always has a sender's name. */
type NamedDecision = StrictDecision & { readonly by: string };

/**
 * The update's validator: an update that it refuses leaves no event in the history. It is strict where
 * signals are lenient, because the caller of an update gets an answer.
 * @throws {ApplicationFailure} non-retryable, with one sentence, when the update cannot be carried out.
 */
export function checkDecide(state: IssueState, args: readonly unknown[]): void {
  const decision = parseArguments(args);
  const current = currentExport(state);
  const isCurrent = current !== undefined && isAbout(decision.revision, current.request.sha256);
  if (isCurrent && current.plan.asking.signals === 'ignore' && decision.record === undefined)
    refuse('NeedsToken', `Refused: ${onlyWithToken}.`);
  checkState(state, decision);
  const late = findMissedDeadline(state, decision);
  if (late && decision.record === undefined) refuseLate(late);
}

/**
 * Applies a decision that passed the validator. If the decision refers to a decision proof, checks the proof
 * first.
 * @throws {ApplicationFailure} non-retryable, with one sentence, when the proof is missing, or when the state
 *   has changed since the validation so that the decision no longer counts.
 */
export async function decideByUpdate(run: Run, args: DecideArgs): Promise<DecideResult> {
  const named = parseArguments([args]);
  const { record } = named;
  if (record === undefined) return applyUpdate(run, named, { through: 'update', isInTime: false });
  const late = findMissedDeadline(run.state, named);
  run.state.decisionChecks += 1; // the question stays open meanwhile
  try {
    const through = await requireProof(run, { ...named, record }, late);
    return applyUpdate(run, named, { proven: true, through, isInTime: true });
  } finally {
    run.state.decisionChecks -= 1;
  }
}

function applyUpdate(
  run: Run,
  named: NamedDecision,
  { isInTime, ...sender }: Pick<Decision, 'proven' | 'through'> & { readonly isInTime: boolean },
): DecideResult {
  checkState(run.state, named); // it may have changed while the proof was checked
  const decision = toDecision(named, sender);
  const alreadyApproved = approvedBefore(run.state, named);
  if (alreadyApproved !== undefined) return answerDone(run, decision, named.revision, alreadyApproved);
  const unusedBecause = decideRevision(run, decision, named.revision, isInTime);
  run.showDetails();
  if (unusedBecause) refuse('NotUsed', `The decision decides nothing: ${unusedBecause}.`);
  const revision = shortRevision(named.revision);
  return run.state.answer === decision
    ? { result: 'answered', revision, message: `The question about revision ${revision} is answered.` }
    : {
        result: 'early',
        revision,
        message: `The decision is kept for the next question about revision ${revision}.`,
      };
}

/**
 * @param late the question whose deadline had passed when the update was heard: only an older proof counts.
 * @returns how the operator reached the gateway; `update` if the proof doesn't say.
 * @throws {ApplicationFailure} when the payload store has no unused proof that matches the decision.
 */
async function requireProof(
  run: Run,
  { record, decision, revision, by, reason, upTo, plan }: NamedDecision & { readonly record: string },
  late: MissedDeadline | undefined,
): Promise<NonNullable<Decision['through']>> {
  const { issueId } = run.state;
  const writtenBefore = late && new Date(late.asking.expiresAt).toISOString();
  const cutReason = reason === undefined ? undefined : reasonForActivity(issueId, reason);
  const input = {
    issueId,
    record,
    decision,
    revision,
    by,
    ...defined({ reason: cutReason, upTo, plan, writtenBefore }),
  };
  const { proven, through = 'update' } = readProofCheck(
    await CancellationScope.nonCancellable(() => checkDecision(input)),
  );
  if (proven) return through;
  if (late) refuseLate(late);
  refuse(
    'NotProven',
    'The payload store has no unused decision proof that matches. Only the gateway writes decision proofs, after it has checked an operator token.',
  );
}

interface MissedDeadline {
  readonly asking: Question;
  readonly current: CurrentExport;
}

/** The open question that the decision is about, if its deadline has passed. */
function findMissedDeadline(state: IssueState, { revision }: NamedDecision): MissedDeadline | undefined {
  const current = openExport(state);
  if (!current?.asking || state.answer || !isAbout(revision, current.request.sha256)) return undefined;
  return isPastDeadline(state, current.asking) ? { asking: current.asking, current } : undefined;
}

function refuseLate({ asking, current }: MissedDeadline): never {
  refuse('QuestionExpired', `Too late: ${describeDeadline(asking, current)}.`);
}

function toDecision(
  { decision, revision, by, reason, upTo, plan }: NamedDecision,
  sender: Pick<Decision, 'proven' | 'through'>,
): Decision {
  return {
    kind: decision,
    revision,
    by,
    ...sender,
    ...defined({ reason, upTo, plan }),
  };
}

/** @returns the number of approved labels if they include all labels of the decision; otherwise undefined. */
function approvedBefore(state: IssueState, { revision, upTo }: NamedDecision): number | undefined {
  const current = currentExport(state);
  if (upTo === undefined || !current || !isAbout(revision, current.request.sha256)) return undefined;
  return upTo <= current.approvedUpTo ? current.approvedUpTo : undefined;
}

function answerDone(run: Run, decision: Decision, revision: string, approvedUpTo: number): DecideResult {
  const labels = `1 to ${formatNumber(approvedUpTo)} are already approved`;
  run.addLogEntry(`${describeDecision(decision)} decided nothing: labels ${labels}.`);
  return { result: 'done', revision: shortRevision(revision), message: `Labels ${labels}.` };
}

/**
 * @throws {ApplicationFailure} when the run has no request with the revision, or nothing is left to decide.
 */
function checkState(state: IssueState, named: NamedDecision): void {
  const target = findTarget(state, named.revision);
  const revision = shortRevision(named.revision);
  switch (target.kind) {
    case 'current':
      return checkCurrent(state, target.export, named);
    case 'waiting':
      return;
    case 'other-revision':
      return refuse(
        'WrongRevision',
        `The export is at revision ${target.revision}, and the decision names revision ${revision}.`,
      );
    case 'nothing':
      return refuse(
        'NothingAsked',
        `Nothing is being exported now; the decision names revision ${revision}.`,
      );
  }
}

type Target =
  /** The revision is being approved or sent. */
  | { readonly kind: 'current'; readonly export: CurrentExport }
  /** The revision is being prepared, or is in the queue: the decision is early. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'other-revision'; readonly revision: string }
  | { readonly kind: 'nothing' };

function findTarget(state: IssueState, revision: string): Target {
  const current = openExport(state);
  if (current && isAbout(revision, current.request.sha256)) return { kind: 'current', export: current };
  const preparing = preparingRequest(state);
  const waiting = [...(preparing ? [preparing] : []), ...state.queue.map(({ request }) => request)];
  if (waiting.some(({ sha256 }) => isAbout(revision, sha256))) return { kind: 'waiting' };
  const other = current?.request ?? waiting[0];
  return other ? { kind: 'other-revision', revision: other.revision } : { kind: 'nothing' };
}

function checkCurrent(state: IssueState, current: CurrentExport, named: NamedDecision): void {
  const { approvedUpTo, plan } = current;
  const { decision, revision, upTo } = named;
  if (state.cancelled) refuse('Cancelled', 'The export is being cancelled.');
  if (named.plan !== undefined && !isSamePlan(named.plan, plan))
    refuse('OtherPlan', `The decision decides nothing: ${describeOtherPlan(plan)}.`);
  if (upTo !== undefined && upTo > plan.labels)
    refuse(
      'WrongUpTo',
      `Expected upTo to be a whole number from 1 to the plan’s ${formatNumber(plan.labels)} labels, got ${formatNumber(upTo)}.`,
    );
  if (upTo !== undefined && upTo <= approvedUpTo) return; // answered with `done`
  if (state.answer)
    refuse('AlreadyDecided', `The question about revision ${shortRevision(revision)} is already answered.`);
  if (approvedUpTo < plan.labels || (decision === 'reject' && isNothingSent(current))) return;
  refuse(
    'AlreadyDecided',
    decision === 'reject'
      ? 'All labels are already approved; cancel stops them.'
      : 'All labels are already approved.',
  );
}

function parseArguments([args, ...more]: readonly unknown[]): NamedDecision {
  if (typeof args !== 'object' || args === null || Array.isArray(args) || more.length > 0)
    refuse('InvalidDecision', 'Expected an object {"decision":"approve"|"reject","revision":"…","by":"…"}.');
  const parsed = parseDecisionStrictly(args as Record<string, unknown>, 'update');
  if (parsed.kind === 'invalid') refuseField(parsed);
  return parsed as NamedDecision;
}

function refuseField({ field, sentence }: InvalidDecision): never {
  refuse(
    field === 'upTo' ? 'WrongUpTo' : 'InvalidDecision',
    `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`,
  );
}

/** Non-retryable: otherwise Temporal's CLI prints "retryable: true" after the sentence. */
function refuse(type: string, sentence: string): never {
  throw ApplicationFailure.nonRetryable(sentence, type);
}
