import { ApplicationFailure, CancellationScope } from '@temporalio/workflow';
import { type Decision, isAbout, maxWords, nameIn, wordsIn } from '../domain/decision';
import { checkDecision } from './activity-options';
import { decideRevision, nothingIsSent, onlyWithToken, said as wordsOf } from './decide';
import type { DecideArgs, DecideResult } from './messages';
import type { Run } from './run';
import { wordsForActivity } from './words-for-activity';

/** Characters of an operator's name. */
const maxName = 200;

/**
 * Refuses what the update `decide` cannot do, before it enters the history. Strict where signals are lenient: whoever calls an
 * update reads the answer. @throws {ApplicationFailure} with one sentence; never retryable.
 */
export function checkDecide(run: Run, given: unknown): void {
  const args = wellFormed(given);
  const { revision, record } = args;
  const { current } = run;
  const isCurrent = current !== undefined && isAbout(revision, current.request.sha256);
  if (isCurrent && current.plan.asking.signals === 'ignore' && record === undefined) refuse('NeedsToken', `Refused: ${onlyWithToken}.`);
  checkState(run, args);
}

/** Uses a decision that passed the check, once the gateway's record of it is found. */
export async function decideByUpdate(run: Run, args: DecideArgs): Promise<DecideResult> {
  const { record, ...said } = args;
  const proven = record !== undefined && (await isProven(run, { ...said, record }));
  checkState(run, args); // the world may have moved on meanwhile
  const { revision } = said;
  const shown = revision.slice(0, 12);
  const { current } = run;
  const decision: Decision = {
    kind: args.decision,
    revision,
    by: nameIn(args.by),
    through: 'update',
    ...(proven ? { proven } : {}),
    ...(args.reason ? { reason: wordsIn(args.reason) } : {}),
    ...(args.upTo === undefined ? {} : { upTo: args.upTo }),
  };
  const isDone = args.upTo !== undefined && current && isAbout(revision, current.request.sha256) && args.upTo <= current.approvedUpTo;
  if (isDone) {
    run.note(`${wordsOf(decision)} decided nothing: labels 1 to ${current.approvedUpTo} are approved already.`);
    return { result: 'done', revision: shown, message: `Labels 1 to ${current.approvedUpTo} are approved already.` };
  }
  const unused = decideRevision(run, decision, revision);
  run.showDetails();
  if (unused) refuse('NotUsed', `The decision decides nothing: ${unused}.`);
  return run.verdict === decision
    ? { result: 'answered', revision: shown, message: `The question about revision ${shown} is answered.` }
    : { result: 'early', revision: shown, message: `The decision is kept for the next question about revision ${shown}.` };
}

async function isProven(
  run: Run,
  { record, decision, revision, by, reason, upTo }: DecideArgs & { readonly record: string },
): Promise<true> {
  const wanted = {
    ...{ issueId: run.issueId, record, decision, revision, by: nameIn(by) },
    ...(reason ? { reason: wordsForActivity(run.issueId, reason) } : {}),
    ...(upTo === undefined ? {} : { upTo }),
  };
  const found = await CancellationScope.nonCancellable(() => checkDecision(wanted));
  if (found !== true)
    refuse(
      'NotProven',
      'The payload store has no unused record of this decision: only the gateway, after it has seen a token, may name one.',
    );
  return true;
}

/** What the decision is about must be here, and open. */
function checkState(run: Run, { decision, revision, upTo }: DecideArgs): void {
  const { current, taken } = run;
  if (current && !run.ending && isAbout(revision, current.request.sha256)) {
    const { labels } = current.plan;
    if (run.cancelled) refuse('Cancelled', 'The export is being cancelled.');
    if (upTo !== undefined && upTo > labels)
      refuse('WrongUpTo', `Expected upTo to be a whole number from 1 to the plan’s ${labels} labels, got ${upTo}.`);
    if (upTo !== undefined && upTo <= current.approvedUpTo) return;
    if (run.verdict) refuse('AlreadyDecided', `The question about revision ${revision.slice(0, 12)} is answered already.`);
    if (current.approvedUpTo >= labels && !(decision === 'reject' && nothingIsSent(run)))
      refuse('AlreadyDecided', decision === 'reject' ? 'All labels are approved; cancel stops them.' : 'All labels are approved already.');
    return;
  }
  if (taken && isAbout(revision, taken.sha256)) return;
  if (run.queue.some(({ request }) => isAbout(revision, request.sha256))) return;
  const now = (run.ending ? undefined : current?.request.revision) ?? taken?.revision ?? run.queue[0]?.request.revision;
  if (now === undefined) refuse('NothingAsked', `Nothing is being exported now; the decision names revision ${revision.slice(0, 12)}.`);
  refuse('WrongRevision', `The export is at revision ${now}, and the decision names revision ${revision.slice(0, 12)}.`);
}

function wellFormed(given: unknown): DecideArgs {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    refuse('InvalidDecision', 'Expected an object {"decision":"approve"|"reject","revision":"…","by":"…"}.');
  const { decision, revision, by, reason, upTo, record } = given as Record<string, unknown>;
  if (decision !== 'approve' && decision !== 'reject') refuse('InvalidDecision', 'Expected decision to be "approve" or "reject".');
  if (typeof revision !== 'string' || !/^([0-9a-f]{12}|[0-9a-f]{64})$/.test(revision))
    refuse('InvalidDecision', 'Expected revision to be 12 or 64 hex digits in lower case.');
  if (typeof by !== 'string' || by.trim() === '' || by.length > maxName)
    refuse('InvalidDecision', `Expected by to be a name of 1 to ${maxName} characters.`);
  if (reason !== undefined && reason !== null && (typeof reason !== 'string' || reason.length > maxWords))
    refuse('InvalidDecision', `Expected reason to be a text of at most ${maxWords} characters.`);
  if (upTo !== undefined && upTo !== null && !(decision === 'approve' && Number.isSafeInteger(upTo) && Number(upTo) >= 1))
    refuse('WrongUpTo', 'Expected upTo to be a whole number from 1, and only with approve.');
  if (record !== undefined && (typeof record !== 'string' || !/^[0-9a-f]{1,64}$/.test(record)))
    refuse('InvalidDecision', 'Expected record to be the name of a record, or absent.');
  return given as DecideArgs;
}

/** Never retryable: the CLI would else print "retryable: true" behind the sentence. */
function refuse(type: string, sentence: string): never {
  throw ApplicationFailure.nonRetryable(sentence, type);
}
